import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { KafkaClient } from 'rx-ema/kafka';
import { JARS } from '../../test/kafka/support/broker.js';
import { UsageError } from '../train/options.js';

const CLIENT = 'node-rdkafka';
const SCRIPT = fileURLToPath(new URL('../../tools/get-kafka.sh', import.meta.url));

type Made<T> = T extends new (config: never, topicConfig: never) => infer R ? R : never;
export type Consumer = Made<KafkaClient['KafkaConsumer']>;
export type Producer = Made<KafkaClient['Producer']>;

/** The client, got first if it is not there; and so the jars of a broker, if there is to be one. */
export async function kafkaClient(needsBroker: boolean, say: (line: string) => void): Promise<KafkaClient> {
  const missing = [...(isInstalled() ? [] : [CLIENT]), ...(needsBroker && !existsSync(JARS) ? ['a broker'] : [])];
  if (missing.length > 0) {
    say(`${missing.join(' and ')} must be got first: bash tools/get-kafka.sh`);
    const [code] = (await once(spawn('bash', [SCRIPT], { stdio: 'inherit' }), 'exit')) as [number | null];
    if (code !== 0) throw new UsageError('tools/get-kafka.sh could not get what is needed, and says why');
  }
  const { default: client } = (await import(CLIENT)) as { default: KafkaClient };
  return client;
}

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(CLIENT);
    return true;
  } catch {
    return false;
  }
}

/** What a function of the client that calls back comes to. */
export function called<R = unknown>(start: (done: (error: unknown, result?: R) => void) => unknown): Promise<R> {
  return new Promise((resolve, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is one of librdkafka's own
    start((error, result) => (error == null ? resolve(result as R) : reject(error)));
  });
}

/** Calls again until it works, for some seconds: a topic that has just been made has no leaders yet. */
export async function insistOn<R>(call: () => Promise<R>): Promise<R> {
  for (let tries = 1; tries < 100; tries++) {
    try {
      return await call();
    } catch {
      await sleep(100);
    }
  }
  return call();
}
