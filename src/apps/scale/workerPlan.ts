import { bad, choice, read } from '../../options.js';
import type { Smoothed } from '../../types.js';
import type { Codec } from './codec.js';
import { jsonRecords } from './codecs/jsonRecords.js';
import { engineMaker } from './engineMaker.js';
import type { ClusterSettings } from './rdkafka/clusterSettings.js';
import { PROBE } from './rdkafka/probe.js';
import { TRANSACTION_MS } from './rdkafka/transactions.js';
import type { SessionPlan } from './session.js';
import type { WorkerOptions } from './worker.js';

const OPTIONS = [
  'client',
  'brokers',
  'input',
  'output',
  'ema',
  'biasCorrected',
  'codec',
  'slot',
  'group',
  'changelog',
  'deadLetters',
  'maxDeadInARow',
  'commitMs',
  'sessionMs',
  'config',
  'signal',
];

/** Settings of librdkafka that follow from the options, or that exactly once rests on. */
const OWN_CONFIG = [
  'bootstrap.servers',
  'metadata.broker.list',
  'group.id',
  'group.instance.id',
  'group.protocol',
  'transactional.id',
  'session.timeout.ms',
  'isolation.level',
  'enable.auto.commit',
  'enable.auto.offset.store',
  'enable.idempotence',
  'partition.assignment.strategy',
  'auto.offset.reset',
  'partitioner',
  'dr_cb',
  'rebalance_cb',
  'delivery.report.only.error',
];

/** What a worker is told, checked: of its sessions, and of its connections. */
export interface WorkerPlan<T> {
  readonly session: SessionPlan<T>;
  readonly connections: Omit<ClusterSettings, 'refusals' | 'trouble'>;
}

/** Options → plan. Throws whatever can be known now. */
export function workerPlan<T, R>(options: WorkerOptions<T, R>): WorkerPlan<T> {
  const given = read(options, OPTIONS);
  const { client } = options;
  for (const part of ['KafkaConsumer', 'Producer', 'AdminClient'] as const) {
    if (client?.[part] === undefined) throw bad('client', 'be the module node-rdkafka or one like it', client);
  }
  const brokers = text(given, 'brokers');
  const input = text(given, 'input');
  const output = text(given, 'output');
  if (input === output) throw bad('output', 'be another topic than the input', output);
  const group = text(given, 'group', `rx-ema-${output}`);
  const topics = {
    input,
    output,
    changelog: text(given, 'changelog', `${group}-changelog`),
    deadLetters: text(given, 'deadLetters', `${output}-dead-letters`),
  };
  const config = configOf(options.config);
  const commitMs = count(given, 'commitMs', 200, 1, 10_000);
  const transactionMs = config['transaction.timeout.ms'] ?? TRANSACTION_MS;
  if (2 * commitMs > Number(transactionMs)) {
    throw bad('commitMs', `be at most half of config's transaction.timeout.ms, which is ${transactionMs}`, commitMs);
  }
  const names = Object.values(topics);
  if (new Set(names).size < names.length) throw bad('input, output, changelog, deadLetters', 'be four topics', names);
  return {
    session: {
      ...topics,
      codec: codecOf(options.codec) as Codec<T, Smoothed<T>>,
      makeEngine: engineMaker(options.ema),
      readout: choice(given, 'biasCorrected', [true, false]) === true ? 'corrected' : 'raw',
      commitMs,
      maxDeadInARow: count(given, 'maxDeadInARow', 100, 1, Infinity),
    },
    connections: {
      client,
      brokers,
      ...topics,
      group,
      slot: slotOf(options.slot),
      sessionMs: count(given, 'sessionMs', 10_000, 1000, 1_800_000),
      config,
    },
  };
}

function slotOf(slot: unknown = '0'): string {
  if (!(typeof slot === 'string' ? slot !== '' : Number.isSafeInteger(slot))) {
    throw bad('slot', 'be a name or a whole number', slot);
  }
  const name = String(slot);
  if (name.endsWith(PROBE)) throw bad('slot', `not end in ${PROBE}, as the id of another slot's probe does`, slot);
  return name;
}

function codecOf(codec: unknown): unknown {
  if (codec === undefined) return jsonRecords();
  const { decode, encode } = (codec ?? {}) as Partial<Codec<unknown>>;
  if (typeof decode === 'function' && typeof encode === 'function') return codec;
  throw bad('codec', 'be like { decode, encode }', codec);
}

function configOf(config: unknown = {}): ClusterSettings['config'] {
  if (typeof config !== 'object' || config === null) throw bad('config', 'be settings of librdkafka by name', config);
  const own = OWN_CONFIG.find((name) => name in config);
  if (own !== undefined) throw bad('config', 'leave out what the worker sets itself', own);
  return config as ClusterSettings['config'];
}

function text(given: Readonly<Record<string, unknown>>, name: string, otherwise?: string): string {
  const value = given[name] ?? otherwise;
  if (typeof value === 'string' && value !== '') return value;
  throw bad(name, 'be a name', value);
}

function count(
  given: Readonly<Record<string, unknown>>,
  name: string,
  otherwise: number,
  from: number,
  to: number,
): number {
  const value = given[name] ?? otherwise;
  const isWhole = Number.isInteger(value) || value === Infinity;
  if (isWhole && (value as number) >= from && (value as number) <= to) return value as number;
  throw bad(name, `be a whole number in [${from}, ${to}]`, value);
}
