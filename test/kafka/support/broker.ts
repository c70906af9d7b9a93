import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Place, Properties } from './properties.js';

/** Where `tools/get-kafka.sh` puts the jars. */
export const JARS: string = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rx-ema/kafka-4.3.1');

/** How `java` is told what to run, before the name of a main class. */
export const JAVA: readonly string[] = [
  `-Dlog4j2.configurationFile=${fileURLToPath(new URL('../../../tools/kafka/log4j2.properties', import.meta.url))}`,
  '-cp',
  `${JARS}/*`,
];

/** One broker of a cluster, in a process of its own. */
export interface Broker {
  readonly id: number;
  readonly port: number;
  /** Of its process; undefined while it doesn't run. */
  readonly pid: number | undefined;
  /** What it printed, since the first start. */
  log(): string;
  /** Runs it, and waits until it serves. */
  start(): Promise<void>;
  /** As its administrator stops it: it hands over what it leads. */
  stop(): Promise<void>;
  /** As a power cut does. */
  kill(): Promise<void>;
  /** Kills it if it runs, and starts it again: same ports, same data. */
  restart(): Promise<void>;
}

const READY = 'Kafka Server started';

/** A broker that doesn't run yet; its data are formatted. @param folder - for its data, its settings, its log and its pid */
export function brokerIn(folder: string, place: Place, properties: Properties, options: readonly string[]): Broker {
  mkdirSync(folder, { recursive: true });
  const [log, pidFile] = [join(folder, 'log'), join(folder, 'pid')];
  writeFileSync(join(folder, 'server.properties'), propertiesText(properties));
  writeFileSync(log, '');
  let child: ChildProcess | null = null;

  const end = async (signal: NodeJS.Signals) => {
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const start = async () => {
    const from = statSync(log).size;
    const out = openSync(log, 'a');
    // the shell becomes java, whose pid is known to the watchdog from the first moment
    const script = 'echo $$ >"$0" && exec java "$@"';
    const args = [...options, ...JAVA, 'kafka.Kafka', join(folder, 'server.properties')];
    // detached: Ctrl-C in the terminal is not for the broker, which is ended when it is no longer needed
    const apart: SpawnOptions = { stdio: ['ignore', out, out], detached: true };
    const started = spawn('sh', ['-c', script, pidFile, ...args], apart);
    closeSync(out);
    child = started;
    started.once('exit', () => {
      child = null;
      writeFileSync(pidFile, '');
    });
    await ready(started, () => readFileSync(log, 'utf8').slice(from));
  };
  return {
    id: place.id,
    port: place.port,
    get pid() {
      return child?.pid;
    },
    log: () => readFileSync(log, 'utf8'),
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      await start();
    },
  };
}

async function ready(child: ChildProcess, printed: () => string): Promise<void> {
  const until = Date.now() + 90_000;
  while (!printed().includes(READY)) {
    const over = child.exitCode !== null || child.signalCode !== null;
    if (over || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`the broker ${over ? 'ended' : 'did not start in 90 s'}:\n${printed().slice(-4000)}`);
    }
    await sleep(50);
  }
}

function propertiesText(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
