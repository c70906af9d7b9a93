import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { JARS } from '../../kafka/support/broker.js';
import type { Contender } from './contender.js';

const SOURCE = fileURLToPath(new URL('streams/EmaStreams.java', import.meta.url));

/** Kafka Streams, compiled into a folder; null, and why, where it cannot be. */
export function streamsIn(folder: string): Contender | null {
  try {
    execFileSync('javac', ['-d', folder, '-cp', `${JARS}/*`, SOURCE], { stdio: 'pipe' });
  } catch (error) {
    console.log(`Kafka Streams is left out: ${(error as Error).message.split('\n')[0]}`);
    return null;
  }
  const version = /kafka-streams-(.+)\.jar/.exec(readdirSync(JARS).join('\n'))?.[1] ?? '';
  const start = ['java', '-cp', `${JARS}/*:${folder}`, 'EmaStreams'];
  return { name: `Kafka Streams ${version}`, line: (job) => [...start, job] };
}
