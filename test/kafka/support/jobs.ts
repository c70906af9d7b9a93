import type { Codec } from '../../../src/apps/scale/codec.js';
import type { WorkerEma } from '../../../src/apps/scale/worker.js';
import type { Sent } from './produceAll.js';

/** What a worker is to do, and for which messages: known by name in every process. */
export interface Job {
  // oxlint-disable-next-line typescript/no-explicit-any -- records of any shape, or numbers
  readonly ema: WorkerEma<any>;
  readonly biasCorrected?: boolean;
  /** @default records in JSON */
  // oxlint-disable-next-line typescript/no-explicit-any -- as of `ema`
  readonly codec?: Codec<any>;
  /** The i-th message, from 0. */
  message(i: number): Sent;
}

const START = Date.UTC(2026, 0, 1);

/** A number of its own for each i, in [0, 1), with all of its digits. */
const noise = (i: number): number => (Math.sin(i + 1) * 43_758.5453) % 1;
const json = (record: object): string => JSON.stringify(record);
const doubleBytes = (x: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(x);
  return bytes;
};

const doubles: Codec<number> = { decode: (value) => value.readDoubleLE(), encode: doubleBytes };
/** What is more than a number, in JSON. */
const shown: Codec<number> = { decode: (value) => value.readDoubleLE(), encode: (out) => Buffer.from(json([out])) };

/** Keys that are no words: absent, empty, one byte, UTF-8, and bytes that are no text. */
const KEYS = [null, '', 'k', 'é', Buffer.of(0), Buffer.of(0xff, 0x80), Buffer.of(0xc3), Buffer.of(0x80, 0xff, 0)];
const keyed = (i: number, keys = 50) => ({ key: `k${i % keys}`, timestamp: START + i });

/** A sensor's records, of 1000 keys: stamps in a field, and a field that passes through. */
const telemetry: Job = {
  ema: { halfLifeMs: 2000, time: 'at', columns: ['celsius', 'rpm'] },
  message: (i) => ({
    key: `sensor-${i % 1000}`,
    value: json({ at: START + i, celsius: 20 + noise(i), rpm: 900 * noise(3 * i), site: `s${i % 7}` }),
  }),
};

export const JOBS = {
  telemetry,
  /** The same, of so many keys that a restore takes its time. */
  'many keys': { ...telemetry, message: (i) => ({ ...telemetry.message(i), key: `sensor-${i % 60_000}` }) },
  'gaps that age': {
    ema: { halfLife: 20, ages: true, start: 'first' },
    message: (i) => ({
      ...keyed(i),
      value: i % 11 === 0 ? null : json({ x: i % 3 === 0 ? null : noise(i), y: noise(-i) }),
    }),
  },
  'a start at the mean of the first': {
    ema: { span: 30, start: { sma: 20 } },
    biasCorrected: true,
    message: (i) => ({ ...keyed(i), value: json({ x: noise(i) }) }),
  },
  weights: {
    ema: { tauMs: 300, time: 'at', weight: 'n' },
    message: (i) => ({ ...keyed(i), value: json({ at: START + i, n: i % 5 === 0 ? null : i % 4, x: noise(i) }) }),
  },
  'a schedule': {
    ema: { decay: ({ step }: { readonly step: number }) => 1 - 1 / (step + 9) },
    message: (i) => ({ ...keyed(i), value: json({ x: noise(i) }) }),
  },
  'numbers by the time of their messages': {
    ema: { halfLifeMs: 400, hold: 'last', missing: 'carry' },
    codec: doubles,
    message: (i) => ({ ...keyed(i), value: i % 13 === 0 ? null : doubleBytes(noise(i)) }),
  },
  'keys of any bytes': {
    ema: { alpha: 0.1 },
    codec: doubles,
    message: (i) => ({ key: KEYS[i % KEYS.length]!, value: doubleBytes(noise(i)), partition: i % 2 }),
  },
  deviations: {
    ema: { span: 25, statistic: { stat: 'std' } },
    message: (i) => ({
      ...keyed(i),
      value: i % 11 === 0 ? null : json({ x: noise(i), y: i % 5 === 0 ? null : noise(-i) }),
    }),
  },
  bands: {
    ema: { tauMs: 700, minPeriods: 3, statistic: { stat: 'bands', width: 1.5 } },
    codec: shown,
    message: (i) => ({ ...keyed(i), value: i % 11 === 0 ? null : doubleBytes(noise(i)) }),
  },
  'bands of records': {
    ema: { span: 9, statistic: { stat: 'bands' } },
    message: (i) => ({ ...keyed(i), value: i % 11 === 0 ? null : json({ x: i % 3 === 0 ? null : noise(i) }) }),
  },
  correlations: {
    ema: { halfLife: 12, statistic: { stat: 'corr', x: 'x', y: 'y' } },
    message: (i) => ({ ...keyed(i), value: i % 11 === 0 ? null : json({ x: noise(i), y: noise(i) + noise(-i) }) }),
  },
  /** `x0` first, then a field more every 2000 messages; some keys are there once only. */
  'late columns': {
    ema: { alpha: 0.2 },
    message: (i) => {
      const age = Math.floor(i / 2000);
      const names = Array.from({ length: 1 + Math.min(7, age) }, (_, column) => `x${column}`);
      const fields = names.map((name, column) => [name, noise(i + column)] as const);
      const key = i % 2000 < 200 ? `once-${i}` : `k${i % 300}`;
      return { key, value: json(Object.fromEntries(fields.slice(i % 3 === 0 ? -1 : 0))) };
    },
  },
  /** One in 17 is damaged, in one of many ways; some have headers. */
  'damaged messages': {
    ema: { halfLifeMs: 400, time: 'at', columns: ['x'] },
    message: (i) => {
      const [at, x] = [START + i, noise(i)];
      const damaged = [
        '{',
        '[1]',
        '',
        json({ at, x: 'no' }),
        json({ x }),
        json({ at: START - 1, x }),
        'NaN',
        Buffer.of(0xff),
      ];
      const message = { ...keyed(i), value: json({ at, x }), ...(i % 5 === 0 && { headers: [{ nth: `${i}` }, { a: '' }, { a: 'é' }] }) }; // prettier-ignore
      if (i % 17 !== 3) return message;
      return i % 2 === 0
        ? { ...message, key: `\0rx-ema-${i}` }
        : { ...message, value: damaged[(i >> 1) % damaged.length]! };
    },
  },
  /** Each key has 200 messages, and is away for long; one in two comes back. */
  'keys that go': {
    ema: { halfLifeMs: 100, time: 'at', idleMs: 1000 },
    message: (i) => {
      const age = Math.floor(i / 2000);
      return {
        key: `${i % 2 === 0 ? 'old' : age}-${(i % 40) + 40 * (age % 2)}`,
        value: json({ at: START + i, x: noise(i) }),
      };
    },
  },
} satisfies Record<string, Job>;

export type JobName = keyof typeof JOBS;

/** One of the jobs. */
export function jobNamed(name: JobName): Job {
  return JOBS[name];
}
