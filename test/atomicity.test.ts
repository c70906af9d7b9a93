import type { RecordBatch } from 'apache-arrow';
import * as fc from 'fast-check';
import { Ema, type EmaOptions } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import { held } from './refusal.js';
import {
  batchesOf,
  cellsOf,
  columnsFrom,
  columnsOf,
  KEY_FORMS,
  recordsOf,
  STEPS,
  VALUES,
  type Row,
} from './support/columns.js';

type Options = Readonly<Record<string, unknown>>;

/** A user's schedule that throws once, after so many more calls. */
interface Schedule {
  throwAfter: number;
}

/** A plan, and what is wrong with one of the rows in a batch, or with a record. */
interface Fault {
  readonly name: string;
  readonly options: (schedule: Schedule) => Options;
  /** Rows instead of the good one; their stamps do not fall but where that is the fault. */
  readonly bad: (good: Row) => readonly Row[];
  readonly code: string;
  /** A record has nothing before the row that is wrong. */
  readonly records: boolean;
}

const step = { decay: 0.9 };
const clock = { halfLifeMs: 2000, time: 'at' };
const keyed = { by: 'key' };
const weighed = { weight: 'n' };
const scheduled =
  (by: Options) =>
  (schedule: Schedule): Options => ({
    ...by,
    decay: ({ step: n }: { step: number }) => {
      if (schedule.throwAfter-- === 0) throw new RangeError('of the schedule');
      return n % 3 === 0 ? 1 : 0.6;
    },
  });

const late = (good: Row): Row[] => [
  { ...good, at: good.at! + 5000 },
  { ...good, at: good.at! + 4999 },
];
const fault = (name: string, code: string, options: Options, bad: Fault['bad'], records = true): Fault => ({
  name,
  options: () => options,
  bad,
  code,
  records,
});

const timed = (['sample', 'next', 'last', 'linear'] as const).flatMap((hold): Fault[] => [
  fault(`a late stamp under '${hold}'`, 'TIME_LATE', { ...clock, hold }, late, false),
  fault(`a late stamp of a key under '${hold}'`, 'TIME_LATE', { ...clock, ...keyed, hold }, late, false),
  fault(`a missing stamp under '${hold}'`, 'TIME_MISSING', { ...clock, hold }, (good) => [{ ...good, at: null }]),
]);
const unweighable = [-1, Infinity].flatMap((n): Fault[] =>
  [step, { ...step, ...keyed }, { ...clock, ...keyed }, { ...step, start: { sma: 3 } }].map((options) =>
    fault(
      `a weight of ${n} (${Object.keys(options).join(', ')})`,
      'WEIGHT_RANGE',
      { ...options, ...weighed },
      (good) => [{ ...good, n }],
    ),
  ),
);
const missing = [step, { ...step, ...keyed }, { ...step, ages: true, start: 'first' }, { ...clock, ...keyed }];
const unseen = (good: Row): Row[] => ['z0', 'z1', 'z2', 'z3', 'z4', 'z5', 'z6', 'z7'].map((key) => ({ ...good, key }));

const FAULTS: readonly Fault[] = [
  ...timed,
  ...unweighable,
  fault('a late stamp where keys grow idle', 'TIME_LATE', { ...clock, ...keyed, idleMs: 4000 }, late, false),
  fault('a late stamp beside weights', 'TIME_LATE', { ...clock, ...keyed, ...weighed }, late, false),
  fault('a missing stamp of a key', 'TIME_MISSING', { ...clock, ...keyed }, (good) => [
    { ...good, at: null, key: 'z' },
  ]),
  fault('a weight that is missing', 'MISSING_VALUE', { ...step, ...keyed, ...weighed, missing: 'throw' }, (good) => [
    { ...good, n: null },
  ]),
  ...missing.flatMap((options) =>
    (['x', 'y'] as const).map((name) =>
      fault(
        `a missing ${name} (${Object.keys(options).join(', ')})`,
        'MISSING_VALUE',
        { ...options, missing: 'throw' },
        (good) => [{ ...good, [name]: null }],
      ),
    ),
  ),
  fault('keys beyond maxKeys', 'TOO_MANY_KEYS', { ...step, ...keyed, maxKeys: 7 }, unseen, false),
  fault('keys beyond maxKeys, by the clock', 'TOO_MANY_KEYS', { ...clock, ...keyed, maxKeys: 7 }, unseen, false),
  ...[{}, keyed, weighed, { ...keyed, ...weighed }, { ages: true, ...keyed }, { start: 'first' }].map(
    (more): Fault => ({
      name: `a schedule that throws (${Object.keys(more).join(', ')})`,
      options: scheduled(more),
      bad: (good) => [good],
      code: 'of the schedule',
      records: true,
    }),
  ),
];

const made = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 1, max: 60 }),
  values: fc.constantFrom(...(Object.keys(VALUES) as (keyof typeof VALUES)[])),
  holes: fc.constantFrom('none' as const, 'some' as const),
  gaps: fc.constant('both' as const),
  steps: fc.constantFrom(...STEPS),
  keys: fc.constantFrom(1, 3),
  run: fc.constantFrom(1, 4),
  late: fc.constant(0),
});

/** Good rows in parts, and before each of them bad ones, made of as many good rows as there may be. */
function partsOf(
  rows: readonly Row[],
  cuts: readonly number[],
  at: number,
  { bad }: Fault,
): { rows: Row[]; bad: boolean }[] {
  const ends = [...cuts.map((cut) => Math.min(cut, rows.length)), rows.length].sort((a, b) => a - b);
  return ends.flatMap((to, i) => {
    const good = rows.slice(ends[i - 1] ?? 0, to);
    const tail = [...rows.slice(to, to + 9), rows.at(-1)!];
    // moved on in time and value, so that what is left of them would show
    const moved = tail.map((row, k) => ({
      ...row,
      x: 7 + k,
      y: -3 * k,
      n: row.n ?? 1,
      at: row.at! + 1e6,
      key: k % 2 === 0 ? row.key : `n${k % 3}`,
    }));
    const wrong = at % moved.length;
    const spoilt = moved.flatMap((row, k) =>
      k < wrong ? [row] : k === wrong ? bad(row) : bad(row).map((one) => ({ ...one, at: 8e12 })),
    );
    return [
      { rows: good, bad: false },
      { rows: spoilt.slice(0, wrong + 9), bad: true },
    ];
  });
}

/** What the error says; of the package's own its code. */
function codeOf(error: unknown): string {
  return error instanceof RangeError ? error.message : held(error).code;
}

/** All parts, or the good ones alone: what came out of the good ones, the codes of the bad ones, and the end. */
function run(
  fault_: Fault,
  parts: readonly { value: unknown; bad: boolean }[],
  more: Options,
  at: number,
): { outs: unknown[]; codes: Set<string>; end: unknown } {
  const schedule: Schedule = { throwAfter: Infinity };
  const ema = new Ema<unknown>({ ...fault_.options(schedule), ...more } as unknown as EmaOptions<unknown>);
  const outs: unknown[] = [];
  const codes = new Set<string>();
  for (const { value, bad } of parts) {
    if (bad) schedule.throwAfter = at % 2;
    try {
      const out = ema.update(value);
      if (bad) codes.add('nothing');
      else outs.push(out);
    } catch (error) {
      if (!bad) throw error;
      codes.add(codeOf(error));
    }
    schedule.throwAfter = Infinity;
  }
  const { seen, step: steps, late: lates, dropped } = ema;
  return { outs, codes, end: { snapshot: ema.snapshot(), seen, steps, lates, dropped } };
}

describe('what throws leaves everything as it was: what follows comes out as if it had not come', () => {
  const cuts = fc.array(fc.nat(60), { maxLength: 5 });
  it.each(FAULTS.map((one) => [one.name, one] as const))('%s', (_, one) => {
    holds(
      fc.property(
        made,
        cuts,
        fc.nat(20),
        fc.constantFrom(...KEY_FORMS.filter((form) => !form.startsWith('numbers') && !form.startsWith('big'))),
        (how, at, wrong, keys) => {
          const throws = one.options({ throwAfter: 0 })['missing'] === 'throw';
          const columns = columnsOf(throws ? { ...how, holes: 'none' } : how, 'Float64');
          const rows = recordsOf(columns).map((row) =>
            throws ? { ...row, x: row.x ?? 1, y: row.y ?? 2, n: row.n ?? 1 } : row,
          );
          const parts = partsOf(rows, at, wrong, one);

          let row = 0;
          const all = parts.map((part) => (row += part.rows.length));
          const shape = { float: 'Float64', keys, before: 1, behind: 0, stamp: 'us', bitmap: false } as const;
          const batches = batchesOf(columnsFrom(parts.flatMap((part) => part.rows)), all, shape);
          const asBatches = parts.map(({ bad }, i) => ({ value: batches[i], bad }));
          expectSame(one, asBatches, { columns: ['x', 'y'] }, wrong, (outs) =>
            ['x', 'y'].map((name) => cellsOf(outs as RecordBatch[], name)),
          );

          if (!one.records) return;
          const asRecords = parts.flatMap<{ value: unknown; bad: boolean }>(({ rows: some, bad }) =>
            bad
              ? one
                  .bad(some[0]!)
                  .slice(0, 1)
                  .map((value) => ({ value: { ...value, fresh: 4 }, bad }))
              : some.map((value) => ({ value, bad })),
          );
          expectSame(one, asRecords, throws ? { columns: ['x', 'y'] } : {}, wrong, (outs) => outs);
        },
      ),
      25,
    );
  });
});

function expectSame(
  one: Fault,
  parts: readonly { value: unknown; bad: boolean }[],
  more: Options,
  at: number,
  read: (outs: readonly unknown[]) => unknown,
): void {
  const undisturbed = run(
    one,
    parts.filter(({ bad }) => !bad),
    more,
    at,
  );
  const disturbed = run(one, parts, more, at);
  expect([...disturbed.codes]).toEqual([one.code]);
  expect(read(disturbed.outs)).toEqual(read(undisturbed.outs));
  expect(disturbed.end).toEqual(undisturbed.end);
}
