import { Ema } from '../../ema.js';
import { EwmState } from '../../ewmState.js';
import { bad, read, type EmaOptions } from '../../options.js';
import type { EwmOptions, EwmStatistic } from '../../ewmOptions.js';
import type { ResumableEngine } from '../../resumableEngine.js';
import type { Smoothed } from '../../types.js';
import type { Codec } from './codec.js';
import { jsonRecords } from './codecs/jsonRecords.js';
import type { Current, EngineMaker } from './partition.js';
import type { ClusterSettings } from './rdkafka/clusterSettings.js';
import type { SessionPlan } from './session.js';
import type { WorkerEma, WorkerOptions } from './worker.js';

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

/** What a worker is told, checked: of its sessions, and of its connections. */
export interface WorkerPlan<T> {
  readonly session: SessionPlan<T>;
  readonly connections: Omit<ClusterSettings, 'sizes' | 'trouble'>;
}

/** Options → plan. Throws whatever can be known now. */
export function workerPlan<T, R>(options: WorkerOptions<T, R>): WorkerPlan<T> {
  const given = read(options, OPTIONS);
  const { client, config = {}, slot = '0' } = options;
  for (const part of ['KafkaConsumer', 'Producer', 'AdminClient'] as const) {
    if (client?.[part] === undefined) throw bad('client', 'be the module node-rdkafka or one like it', client);
  }
  if (typeof slot !== 'string' && !Number.isSafeInteger(slot)) throw bad('slot', 'be a name or a whole number', slot);
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
  const names = Object.values(topics);
  if (new Set(names).size < names.length) throw bad('input, output, changelog, deadLetters', 'be four topics', names);
  return {
    session: {
      ...topics,
      codec: (options.codec ?? jsonRecords()) as Codec<T, Smoothed<T>>,
      makeEngine: engineMaker(options.ema),
      readout: options.biasCorrected === true ? 'corrected' : 'raw',
      commitMs: count(given, 'commitMs', 200, 1, 10_000),
      maxDeadInARow: count(given, 'maxDeadInARow', 100, 1, Infinity),
    },
    connections: {
      client,
      brokers,
      ...topics,
      group,
      slot: String(slot),
      sessionMs: count(given, 'sessionMs', 10_000, 1000, 1_800_000),
      config,
    },
  };
}

/** Engines whose keys, and stamps where no field has them, are those of the message that is under way. */
function engineMaker<T>(options: WorkerEma<T>): EngineMaker<T> {
  if (typeof options !== 'object' || options === null) throw bad('ema', 'be options of emaScan or of ewm', options);
  for (const name of ['by', 'clock', 'emit']) {
    const given: unknown = Reflect.get(options, name);
    if (given !== undefined) throw bad(`ema.${name}`, 'be left out: messages have keys and timestamps', given);
  }
  const { statistic, ...rest } = options as EwmOptions<T> & { statistic?: EwmStatistic<T> };
  const isTimed = [rest.halfLifeMs, rest.tauMs, rest.idleMs].some((given) => given !== undefined);
  const make: EngineMaker<T> = (current: Current, from) => {
    const own = {
      ...rest,
      by: () => current.key,
      ...(isTimed && rest.time === undefined && { clock: { now: () => current.stamp } }),
    };
    if (statistic === undefined) return new Ema<T>(own as unknown as EmaOptions<T>, from);
    return new EwmState<T>(own as unknown as EwmOptions<T>, statistic as never, from) as unknown as ResumableEngine<T>;
  };
  make({ key: null, stamp: 0 }); // the options are wrong now or never
  return make;
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
  if (typeof value === 'number' && value >= from && value <= to) return value;
  throw bad(name, `be in [${from}, ${to}]`, value);
}
