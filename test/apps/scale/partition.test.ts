import { KeyedRows } from '../../../src/apps/scale/keyedRows.js';
import { RecordBatch, tableFromArrays } from 'apache-arrow';
import * as fc from 'fast-check';
import { fromBytes } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import type { BundleSizes } from '../../../src/apps/scale/bundles.js';
import { HEAD_KEY, type ChangelogMessage } from '../../../src/apps/scale/changelog.js';
import { Partition } from '../../../src/apps/scale/partition.js';
import { holds } from '../../holds.js';
import { refusal } from '../../refusal.js';
import { changelogRows } from '../../support/changelogRows.js';
import { compacted, type Compaction } from './support/compacted.js';
import { planOf } from './support/fakeWorker.js';

type Value = Readonly<Record<string, number | null>> | number | RecordBatch | null;
interface Message {
  readonly key: Buffer | null;
  readonly stamp: number;
  readonly value: Value;
}

const partitionOf = (ema: object, readout: 'raw' | 'corrected' = 'raw', sizes?: BundleSizes): Partition<unknown> =>
  new Partition(planOf({ ema }).makeEngine, readout, sizes);

// ---- all kinds of state ---------------------------------------------------------------------------------------------

const CLOCK = { halfLifeMs: 30, columns: ['x', 'y'] };
const number = fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(0, -0, 3));
const record = fc.record({ x: fc.option(number), y: number, w: fc.constantFrom(0, 1, 2), at: fc.nat(400) }, { requiredKeys: ['w', 'at'] }); // prettier-ignore
const pair = fc.record({ x: fc.option(number), y: number });
const batch = fc.array(number, { maxLength: 4 }).map((x) => {
  const [first] = tableFromArrays({ x: Float64Array.from(x) }).batches;
  return first!;
});

const KINDS: readonly (readonly [name: string, ema: object, values: fc.Arbitrary<Value>])[] = [
  ['a decay per step', { decay: 0.75, columns: ['x', 'y'] }, record],
  ['columns that come to be', { decay: 0.75 }, record],
  ['gaps that age', { decay: 0.75, ages: true, missing: 'carry', columns: ['x', 'y'] }, record],
  ['a start at the first', { alpha: 0.3, start: 'first' }, record],
  ['a start at a mean', { span: 5, start: { sma: 3 } }, record],
  ['a start at a value', { com: 2, start: { value: { x: 1, y: 2 } }, columns: ['x', 'y'] }, record],
  ['a schedule', { decay: ({ step }: { step: number }) => 1 - 1 / (step + 1) }, record],
  ['weights', { decay: 0.75, weight: 'w', columns: ['x'] }, record],
  ['keys that grow idle', { ...CLOCK, idleMs: 60, late: 'skip' }, record],
  ['keys that grow idle, in steps', { decay: 0.75, idleMs: 60, late: undefined }, record],
  ['the stamps of records', { ...CLOCK, time: 'at', late: 'skip' }, record],
  ...['sample', 'next', 'last', 'linear'].map((hold) => [`hold '${hold}'`, { ...CLOCK, hold }, record] as const),
  ['numbers', { tauMs: 20 }, number],
  ['a variance', { alpha: 0.4, statistic: { stat: 'var' } }, record],
  ['a mean by the clock', { ...CLOCK, statistic: { stat: 'mean' }, minPeriods: 2 }, record],
  ['bands', { alpha: 0.4, statistic: { stat: 'bands' } }, number],
  ['a covariance', { alpha: 0.4, statistic: { stat: 'cov', x: 'x', y: 'y' } }, pair],
  ['a correlation by the clock', { halfLifeMs: 30, statistic: { stat: 'corr', x: 'x', y: 'y' } }, pair],
  ['batches', { ...CLOCK, columns: ['x'] }, batch],
  ['a variance of batches', { alpha: 0.4, statistic: { stat: 'var' } }, batch],
];

/** From one row a message, of which nothing outdated stays, to what is usual. */
const sizes = fc.record({ fullBytes: fc.constantFrom(1, 100, 16_384), spareRows: fc.constantFrom(0, 1, 3, 2048) });
const compaction: fc.Arbitrary<Compaction> = fc.record({
  share: fc.constantFrom(1, 1, 0.3, 0.7),
  withTombstones: fc.boolean(),
});

/** Steps of a worker: a message, what the changelog gets, what compaction leaves of it, a new life. */
const stepsOf = (values: fc.Arbitrary<Value>) => {
  const message = fc.record({
    key: fc.constantFrom('a', 'b', '', 'ü', null).map((key) => (key === null ? null : Buffer.from(key))),
    stamp: fc.constantFrom(-1, 0, 10, 11, 100, 170, 250),
    value: fc.oneof({ weight: 9, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) }),
  });
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: message },
      { weight: 2, arbitrary: fc.constant('commit' as const) },
      { weight: 1, arbitrary: compaction },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    ),
    { maxLength: 60, size: 'max' },
  );
};

/** What comes of a message: also a refusal is something. */
function outOf(partition: Partition<unknown>, { key, stamp, value }: Message): unknown {
  try {
    const out = partition.take(key, stamp, value);
    return out instanceof RecordBatch ? [...(out.getChildAt(out.numCols - 1) ?? [])] : out;
  } catch (error) {
    return String(error);
  }
}

function restored(
  ema: object,
  log: readonly ChangelogMessage[],
  committed: number | null,
  sizes?: BundleSizes,
): Partition<unknown> {
  const partition = partitionOf(ema, 'raw', sizes);
  for (const { key, value } of log) partition.restore(key, value);
  partition.start({ committed, oldest: 0, end: Infinity });
  return partition;
}

/** What the changelog gets. */
function commit(partition: Partition<unknown>): ChangelogMessage[] {
  const rows = [...partition.changes()];
  partition.committed();
  return rows;
}

/** What is kept of each key, however they are ordered. */
function kept(ema: object, partition: Partition<unknown>): Map<unknown, Float64Array> {
  const engine = planOf({ ema }).makeEngine({ key: null, stamp: 0 }, partition.snapshot());
  const keys = new KeyedRows(engine).keys().sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return new Map(keys.map((key) => [key, new KeyedRows(engine).get(key)!]));
}

const startAt = (committed: number) => partitionOf({ decay: 0.5 }).start({ committed, oldest: 0, end: 9 });

describe('a partition', () => {
  it.each(KINDS)('goes on from its changelog as if nothing had been: %s', (_, ema, values) => {
    holds(
      fc.property(stepsOf(values), sizes, (steps, sizes) => {
        const whole = partitionOf(ema);
        let partition = partitionOf(ema, 'raw', sizes);
        let log: ChangelogMessage[] = [];
        for (const step of steps) {
          if (step === 'commit') log.push(...commit(partition));
          else if (step === 'restart') {
            log.push(...commit(partition));
            partition = restored(ema, log, partition.next, sizes);
          } else if ('share' in step) log = compacted(log, step);
          else {
            expect(outOf(partition, step)).toEqual(outOf(whole, step));
            partition.next++;
          }
        }
        expect(kept(ema, partition)).toEqual(kept(ema, whole));
      }),
      40,
    );
  });

  it.each([
    { committed: null, oldest: 0, next: 0, trimmed: 0 },
    { committed: null, oldest: 7, next: 7, trimmed: 0 },
    { committed: 5, oldest: 3, next: 5, trimmed: 0 },
    { committed: 5, oldest: 7, next: 7, trimmed: 2 },
  ])(
    'takes messages in from the committed position on, or from the oldest that is there: %j',
    ({ next, trimmed, ...position }) => {
      const partition = partitionOf({ decay: 0.5 });
      partition.start({ ...position, end: 9 });
      expect([partition.next, partition.trimmed]).toEqual([next, trimmed]);
      partition.committed();
      expect(partition.trimmed).toBe(0);
    },
  );

  it('refuses a position behind the end of the input, which is not the one that was read', () => {
    expect(refusal(() => startAt(10)).message).toBe(
      "the group's position must be one of the input, got 10, and the input ends at 9: it has been made anew, or has lost " +
        'messages. With another group or another changelog it starts anew',
    );
    expect(refusal(() => startAt(10)).code).toBe('SNAPSHOT_CORRUPT');
    expect(() => startAt(9)).not.toThrow();
  });

  it('asks for the message’s timestamp where no field has the stamp, and refuses one that has none', () => {
    const partition = partitionOf({ halfLifeMs: 10 });
    expect(refusal(() => partition.take(A, -1, { x: 1 })).code).toBe('TIME_MISSING');
    expect([partition.keys, commit(partition)]).toEqual([0, []]);
    partition.take(A, 1000, { x: 0 });
    expect(partition.take(A, 1010, { x: 3 })).toEqual({ x: 2 });
    expect(refusal(() => partition.take(A, 1009, { x: 3 })).code).toBe('TIME_LATE');
  });

  it('knows stamps of before 1970', () => {
    const partition = partitionOf({ halfLifeMs: 10 });
    partition.take(A, -20, { x: 0 });
    expect(partition.take(A, -10, { x: 3 })).toEqual({ x: 2 });
  });

  it('reads corrected or raw', () => {
    const outs = (['raw', 'corrected'] as const).map((readout) => partitionOf({ alpha: 0.5 }, readout).take(A, 0, { x: 4 })); // prettier-ignore
    expect(outs).toEqual([{ x: 2 }, { x: 4 }]);
  });

  it('has a message that came to nothing undone: of a new key, of one that it knows, twice', () => {
    const [partition, whole] = [0, 1].map(() => partitionOf({ ...CLOCK, ages: undefined })) as [P, P];
    partition.take(A, 5, { x: 9 });
    partition.undo();
    expect(partition.keys).toBe(0);
    for (const one of [partition, whole]) one.take(A, 10, { x: 1 });
    for (const stamp of [11, 500]) {
      partition.take(A, stamp, { x: 9, y: 4 });
      partition.undo();
    }
    expect(partition.take(A, 40, { x: 3, y: 2 })).toEqual(whole.take(A, 40, { x: 3, y: 2 }));
    expect(restored(CLOCK, commit(partition), 1).take(A, 50, { x: 1 })).toEqual(whole.take(A, 50, { x: 1 }));
  });

  it('is shown under keys as text', () => {
    const partition = partitionOf({ decay: 0.5 });
    for (const key of [Buffer.from('größe'), Buffer.of(0x61, 0xff), null]) partition.take(key, 0, { x: 1 });
    const again = planOf({ ema: { decay: 0.5 } }).makeEngine({ key: null, stamp: 0 }, partition.snapshot());
    expect(new KeyedRows(again).keys()).toEqual(['größe', 'a\\xff', null]);
    expect(partitionOf({ decay: 0.5 }).snapshot().scalars['kind']).toBe('none');
  });
});

const keysOf = (rows: readonly ChangelogMessage[]): string[] => rows.map(({ key }) => String(key));

type P = Partition<unknown>;
const A = Buffer.from('a');
const B = Buffer.from('b');

describe('the changelog gets', () => {
  it('the rows of keys that have moved since the last commit, with the next offset', () => {
    const partition = partitionOf({ decay: 0.5, columns: ['x'] });
    for (const key of [A, B, A]) partition.take(key, 0, { x: 1 });
    partition.next = 3;
    const first = commit(partition);
    expect(keysOf(first)).toEqual(['head', 'rows-1']);
    expect(changelogRows(first)).toMatchObject([
      { key: 'a', next: 3 },
      { key: 'b', next: 3 },
    ]);
    partition.take(B, 0, { x: 1 });
    partition.next = 4;
    const second = commit(partition);
    expect(keysOf(second)).toEqual(['rows-2']);
    expect(changelogRows(second)).toMatchObject([{ key: 'b', next: 4 }]);
  });

  it('nothing for a refused message, and nothing to keep for a missing one that nothing came before', () => {
    const partition = partitionOf({ decay: 0.5, columns: ['x'] });
    expect(refusal(() => partition.take(A, 0, { x: 'no' })).code).toBe('VALUE_KIND');
    expect(partition.take(A, 0, null)).toBeNull();
    expect(commit(partition)).toEqual([]);
    partition.take(HEAD_KEY, 0, { x: 1 });
    expect(changelogRows(commit(partition)).map(({ key, row }) => [key, row === null])).toEqual([['head', false]]);
  });

  it('the head first, and again when columns have come to be', () => {
    const partition = partitionOf({ decay: 0.5 });
    const heads = [{}, { x: 1 }, { x: 2 }, { y: 1 }].map((value) => {
      partition.take(A, 0, value);
      const [first] = commit(partition) as [ChangelogMessage];
      return first.key.equals(HEAD_KEY) ? fromBytes(first.value!).scalars['columns'] : null;
    });
    expect(heads).toEqual(['[]', '["x"]', null, '["x","y"]']);
  });

  it('that a key is gone that has been idle, which is then forgotten', () => {
    const ema = { halfLifeMs: 10, columns: ['x'], idleMs: 100 };
    const partition = partitionOf(ema);
    partition.take(A, 0, { x: 1 });
    const log = commit(partition);
    partition.take(B, 150, { x: 1 });
    expect(partition.keys).toBe(1);
    const rows = commit(partition);
    expect(changelogRows(rows).map(({ key, row }) => [key, row === null])).toEqual([['a', true], ['b', false]]); // prettier-ignore
    expect(restored(ema, [...log, ...rows], 2).keys).toBe(1);
    const left = compacted([...log, ...rows], { share: 1, withTombstones: true });
    expect(restored(ema, left, 2).keys).toBe(1);
  });
});
