import { failure, said } from '../../../failure.js';
import type { KafkaClient } from '../../scale/rdkafka/client.js';

/** Either will do; the first that is installed. */
const PACKAGES = ['node-rdkafka', '@confluentinc/kafka-javascript'];

/** @throws SmoothingError `PACKAGE_MISSING`, which says what to do */
export async function kafkaClient(): Promise<KafkaClient> {
  let absence: unknown = null;
  for (const name of PACKAGES) {
    try {
      const loaded = (await import(name)) as { default: KafkaClient };
      return loaded.default;
    } catch (error) {
      if (!isAbsence(error, name)) {
        const must = `${name} must load, got '${said(error)}': npm rebuild ${name}`;
        throw failure('PACKAGE_MISSING', must, error);
      }
      absence ??= error;
    }
  }
  const must = `rx-ema worker must find ${PACKAGES.join(' or ')} beside rx-ema, got neither`;
  throw failure('PACKAGE_MISSING', `${must}: npm install ${PACKAGES[0]}`, absence);
}

function isAbsence(error: unknown, name: string): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && said(error).includes(`'${name}'`);
}
