import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Broker, brokerIn, JAVA } from './broker.js';
import { freePorts } from './freePorts.js';
import { type Place, type Properties, propertiesOf, type Users } from './properties.js';

const run = promisify(execFile);

/** Options of {@link startCluster}. */
export interface ClusterOptions {
  /** How many; each is a controller too. @default 1 */
  readonly brokers?: number;
  /** Settings of the servers, beside or instead of those of `propertiesOf`. */
  readonly properties?: Properties;
  /**
   * Those who may connect to `sasl` (SASL_PLAINTEXT, PLAIN), and may do there only what an ACL allows them.
   * @default no such port, no rights
   */
  readonly users?: Users;
  /** Of each Java. @default '512m' */
  readonly heap?: string;
  /** `'quick'` starts in half the time; `'full'` is faster after a while, as for measurements. @default 'quick' */
  readonly jit?: 'quick' | 'full';
}

/** A Kafka of our own on 127.0.0.1. */
export interface Cluster {
  /** `host:port` of all brokers, with commas between. */
  readonly bootstrap: string;
  /** The same, for `users`. */
  readonly sasl: string;
  readonly brokers: readonly Broker[];
  /** Where all its files are. */
  readonly folder: string;
  /** Runs one of Kafka's own tools, and returns what it printed. @param mainClass - as `org.apache.kafka.tools.TopicCommand` */
  tool(mainClass: string, args: readonly string[]): Promise<string>;
  /** Ends all of it, and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a real Kafka, on free ports, with its data in a temporary folder. Should this process die, whatever the way, a
 * watchdog ends the brokers and removes the folder.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const places = await placesFor(options.brokers ?? 1);
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-kafka-'));
  const watchdog = watch(folder);
  const brokers = places.map((place) => {
    const home = join(folder, String(place.id));
    const own = propertiesOf(place, places, join(home, 'data'), options.users ?? null);
    return brokerIn(home, place, { ...own, ...options.properties }, javaOptions(options));
  });
  const bootstrap = addresses(places.map((place) => place.port));
  const stop = async () => {
    await Promise.all(brokers.map((broker) => broker.kill()));
    rmSync(folder, { recursive: true, force: true });
    watchdog.end();
  };
  try {
    const id = clusterId();
    await Promise.all(places.map((place) => format(join(folder, String(place.id), 'server.properties'), id)));
    await Promise.all(brokers.map((broker) => broker.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    bootstrap,
    sasl: addresses(places.map((place) => place.saslPort)),
    brokers,
    folder,
    tool: java,
    stop,
  };
}

const QUICK = '-XX:TieredStopAtLevel=1';

function javaOptions({ heap = '512m', jit = 'quick' }: ClusterOptions): string[] {
  return [`-Xmx${heap}`, ...(jit === 'quick' ? [QUICK] : [])];
}

async function placesFor(count: number): Promise<Place[]> {
  const ports = await freePorts(3 * count);
  return Array.from({ length: count }, (_, i) => {
    const [port, controllerPort, saslPort] = ports.slice(3 * i, 3 * i + 3) as [number, number, number];
    return { id: i + 1, port, controllerPort, saslPort };
  });
}

function addresses(ports: readonly number[]): string {
  return ports.map((port) => `127.0.0.1:${port}`).join(',');
}

function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0]! &= 0x7f; // as base64 it must not begin with a dash
  return bytes.toString('base64url');
}

async function format(properties: string, id: string): Promise<void> {
  await java('kafka.tools.StorageTool', ['format', '-t', id, '-c', properties]);
}

async function java(mainClass: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run('java', [QUICK, ...JAVA, mainClass, ...args]);
  return stdout;
}

/** A process that outlives this one, for as long as it takes to clean up: it waits for the end of its input. */
function watch(folder: string): { end(): void } {
  // what is being killed may still write: the folder is removed once that is over
  const removed = 'for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$0" && break; sleep 0.3; done';
  const script = `cat >/dev/null; kill -9 $(cat "$0"/*/pid) 2>/dev/null; ${removed}`;
  const child = spawn('sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  return { end: () => child.stdin.end() };
}
