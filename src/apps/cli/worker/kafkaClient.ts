import { failure, said } from '../../../failure.js';
import type { KafkaClient } from '../../scale/rdkafka/client.js';

/** Either will do. */
const PACKAGES = ['node-rdkafka', '@confluentinc/kafka-javascript'];

/**
 * @param packages - the first of them that is installed is taken
 * @throws SmoothingError `PACKAGE_MISSING`, which says what to do
 */
export async function kafkaClient(packages: readonly string[] = PACKAGES): Promise<KafkaClient> {
  let absence: unknown = null;
  for (const name of packages) {
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
  const must = `rx-ema worker must find ${packages.join(' or ')} beside rx-ema, got neither`;
  throw failure('PACKAGE_MISSING', `${must}: npm install ${packages[0]}`, absence);
}

function isAbsence(error: unknown, name: string): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && said(error).includes(`'${name}'`);
}
