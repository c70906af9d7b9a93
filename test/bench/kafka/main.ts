import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import { kafka } from '../../kafka/support/needKafka.js';
import { Bench, type Sizes } from './bench.js';
import { latency } from './latency.js';
import { restore } from './restore.js';
import { throughput } from './throughput.js';

const GROUPS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { throughput, restore, latency };

const USAGE = `npm run bench:kafka -- [--smoke] [--only <group>] [--messages N] [--rounds N]
  --smoke     few messages and one round: are the results right?
  --only      one of ${Object.keys(GROUPS).join(', ')}
  --messages  of a run: 1 000 000 unless told otherwise
  --rounds    interleaved: 3 unless told otherwise`;

/** Throws if any result is wrong. A missed aim is printed and no more: machines differ. */
async function main(): Promise<void> {
  const { only, sizes } = options();
  const client = kafka.find();
  if (client === null) throw new Error(`${kafka.name} was not found. ${kafka.remedy}`);
  console.log(header(client));
  await Bench.with(client, sizes, async (bench) => {
    for (const [name, group] of Object.entries(GROUPS)) {
      if (only !== undefined && only !== name) continue;
      console.log('');
      await group(bench);
    }
  });
}

function options(): { only: string | undefined; sizes: Sizes } {
  try {
    const text = { type: 'string' } as const;
    const flags = { smoke: { type: 'boolean', default: false }, only: text, messages: text, rounds: text } as const;
    const { smoke, only, messages, rounds } = parseArgs({ options: flags }).values;
    if (only !== undefined && !(only in GROUPS)) throw new Error(`no group '${only}'`);
    const sizes: Sizes = {
      messages: count('messages', messages) ?? (smoke ? 10_000 : 1_000_000),
      keys: smoke ? 500 : 10_000,
      rounds: count('rounds', rounds) ?? (smoke ? 1 : 3),
      restored: smoke ? 10_000 : 1_000_000,
      seconds: smoke ? 2 : 20,
      warmUp: smoke ? 2 : 10,
      smoke,
    };
    return { only, sizes };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return process.exit(2);
  }
}

function count(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name} must be a whole number > 0, got ${given}`);
}

function header({ librdkafkaVersion }: KafkaClient & { librdkafkaVersion?: string }): string {
  const processors = cpus();
  return [
    `${processors[0]?.model ?? 'unknown'} × ${processors.length}, load ${loadavg()[0]!.toFixed(1)} before; Node ${process.versions.node}`,
    `node-rdkafka ${versionOf('node-rdkafka')} on librdkafka ${librdkafkaVersion}, one broker on the same processors`,
    'From the first message consumed to the last one committed; every output is read and compared in the same run.',
  ].join('\n');
}

function versionOf(name: string): string {
  const path = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version.replace(/^v/, '');
}

await main();
