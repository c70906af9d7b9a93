import { KeyedRows } from '../../src/apps/scale/keyedRows.js';
import { RecordBatch, tableFromArrays } from 'apache-arrow';
import * as fc from 'fast-check';
import { Ema, EwmState, fromBytes, toBytes, warmupDecay, type Snapshot } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import type { ResumableEngine } from '../../src/resumableEngine.js';
import { holds } from '../holds.js';

/** What arrives; a field that is undefined is not there. */
interface Row {
  readonly key: string | number | boolean | null;
  readonly at: number;
  readonly x?: number | null;
  readonly y?: number;
  readonly w: number | null;
}

type Options = Readonly<Record<string, unknown>>;
type Engine = ResumableEngine<unknown>;
const ema = (options: Options, from?: Snapshot): Engine => new Ema<unknown>({ by: 'key', ...options } as never, from);
const ewm = (statistic: Options, options: Options, from?: Snapshot): Engine =>
  new EwmState<unknown>({ by: 'key', ...options } as never, statistic as never, from) as unknown as Engine;

const FIELDS = { columns: ['x', 'y'] };
const CLOCK = { halfLifeMs: 30, time: 'at', columns: ['x', 'y'] };

/** Every kind of state: how the engine is made, and what it is given of a row. */
const ENGINES: readonly (readonly [name: string, make: (from?: Snapshot) => Engine, of?: (row: Row) => unknown])[] = [
  ['a decay per step', (from) => ema({ decay: 0.75, ...FIELDS }, from)],
  ['columns that come to be', (from) => ema({ decay: 0.75 }, from), ({ key, x, y }) => without({ key, x, y })],
  ['gaps that age', (from) => ema({ decay: 0.75, ages: true, missing: 'carry', ...FIELDS }, from)],
  ['a start at the first', (from) => ema({ alpha: 0.3, start: 'first', ages: true, ...FIELDS }, from)],
  ['a start at a mean', (from) => ema({ span: 5, start: { sma: 3 }, ...FIELDS }, from)],
  ['a start at a value', (from) => ema({ com: 2, start: { value: { x: 1, y: 2 } }, ...FIELDS }, from)],
  ['a schedule', (from) => ema({ decay: warmupDecay({ decay: 0.9 }), ...FIELDS }, from)],
  ['values that propagate', (from) => ema({ decay: 0.75, missing: 'propagate', ...FIELDS }, from)],
  ['weights', (from) => ema({ decay: 0.75, weight: 'w', ...FIELDS }, from)],
  ['keys that grow idle', (from) => ema({ ...CLOCK, idleMs: 40, late: 'skip' }, from)],
  ...(['sample', 'next', 'last', 'linear'] as const).map(
    (hold) => [`hold '${hold}'`, (from?: Snapshot) => ema({ ...CLOCK, hold, late: 'skip' }, from)] as const,
  ),
  ['weights by the clock', (from) => ema({ ...CLOCK, weight: 'w' }, from)],
  ['numbers', (from) => ema({ decay: 0.75, by: (x: number) => Math.abs(x) > 5 }, from), ({ x }) => x ?? NaN],
  ...(['mean', 'sum', 'var', 'std', 'bands'] as const).map(
    (stat) => [stat, (from?: Snapshot) => ewm({ stat }, { alpha: 0.4, ...FIELDS }, from)] as const,
  ),
  ['a variance by the clock', (from) => ewm({ stat: 'var' }, { ...CLOCK, minPeriods: 2 }, from)],
  ['a covariance', (from) => ewm({ stat: 'cov', x: 'x', y: 'y' }, { alpha: 0.4 }, from), ({ key, x, y }) => ({ key, x: x ?? null, y: y ?? null })], // prettier-ignore
  ['a correlation by the clock', (from) => ewm({ stat: 'corr', x: 'x', y: 'y' }, { halfLifeMs: 30, time: 'at' }, from), ({ key, at, x, y }) => ({ key, at, x: x ?? null, y: y ?? null })], // prettier-ignore
  ['batches', (from) => ema({ decay: 0.75, columns: ['x'] }, from), batchOf],
  ['a variance of batches', (from) => ewm({ stat: 'var' }, { alpha: 0.4, columns: ['x'] }, from), batchOf],
];

const without = (row: object): object => Object.fromEntries(Object.entries(row).filter(([, one]) => one !== undefined));

function batchOf({ key, x }: Row): RecordBatch {
  const columns = { key: [String(key)], x: Float64Array.of(x ?? NaN) };
  return tableFromArrays(columns).batches[0]!;
}

const number = fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(0, -0, 3));
const rows = fc
  .array(
    fc.record(
      {
        key: fc.constantFrom('a', 'b', '', null, 1, true, 'ü'),
        after: fc.constantFrom(0, 1, 7, 30, 100, -5, -60),
        x: fc.oneof(number, number, fc.constantFrom(NaN, null, Infinity)),
        y: number,
        w: fc.constantFrom(0, 0.5, 1, 2, null),
      },
      { requiredKeys: ['key', 'after', 'w'] },
    ),
    { maxLength: 24 },
  )
  .map((list) => {
    let at = 1_700_000_000_000;
    return list.map(({ after, ...row }): Row => ({ ...row, at: (at += after) }));
  });

const rowsOf = (engine: Engine): KeyedRows<never> => new KeyedRows(engine as never);

/** What comes of values: a refusal is one too, and a batch is its rows. */
function outOf(engine: Engine, values: readonly unknown[]): unknown[] {
  return values.map((value) => {
    try {
      const out = engine.update(value, 'raw');
      return out instanceof RecordBatch ? out.toArray().map((row) => ({ ...(row as object) })) : out;
    } catch (error) {
      return String(error);
    }
  });
}

/** An engine that goes on from the head and the rows of another one. */
function takenOver(make: (from?: Snapshot) => Engine, from: Engine, keys = rowsOf(from).keys()): Engine {
  const head = rowsOf(from).head();
  const engine = make(head === null ? undefined : fromBytes(toBytes(head)));
  for (const key of keys) expect(rowsOf(engine).put(key, rowsOf(from).get(key)!)).toBeGreaterThanOrEqual(0);
  return engine;
}

/** A snapshot without its counts, which a head does not have. */
function uncounted({ plan, scalars, shadows }: Snapshot): object {
  const { rows } = scalars; // a count of batches alone
  const none = { seen: 0, dropped: 0, late: 0, ...(rows !== undefined && { rows: 0 }) };
  return { plan, scalars: { ...scalars, ...none }, shadows };
}

describe('the rows of all keys and the head', () => {
  it.each(ENGINES.map(([name, make, of = without]) => [name, make, of] as const))(
    'are the whole state: %s',
    (_, make, of) => {
      holds(
        fc.property(rows, rows, fc.infiniteStream(fc.nat()), (before, after, dice) => {
          const engine = make();
          outOf(engine, before.map(of));
          const again = takenOver(make, engine);
          if (rowsOf(engine).head() !== null) expect(uncounted(again.snapshot())).toEqual(uncounted(engine.snapshot()));
          const [...shuffled] = rowsOf(engine).keys();
          shuffled.sort(() => (dice.next().value % 3) - 1);
          const other = takenOver(make, engine, shuffled);
          const want = outOf(engine, after.map(of));
          expect(outOf(again, after.map(of))).toEqual(want);
          expect(outOf(other, after.map(of))).toEqual(want);
        }),
        25,
      );
    },
  );

  it('make up for each other: a row that is put in replaces what was there', () => {
    const [one, two] = [1, 2].map((x) => {
      const engine = ema({ halfLifeMs: 5, time: 'at', columns: ['x'] });
      for (let at = 0; at < 3; at++) engine.update({ key: 'k', at, x: x * at });
      return engine;
    }) as [Engine, Engine];
    rowsOf(one).put('k', rowsOf(two).get('k')!);
    expect(rowsOf(one).get('k')).toEqual(rowsOf(two).get('k'));
    expect(rowsOf(one).size).toBe(1);
  });

  it('know keys that came before a column, which has not begun for them', () => {
    const options = { decay: 0.5, start: 'first' };
    const engine = ema(options);
    engine.update({ key: 'a', x: 1 });
    const early = rowsOf(engine).get('a')!;
    engine.update({ key: 'b', x: 1, y: 7 });
    const again = takenOver((from) => ema(options, from), engine, ['b']);
    expect(rowsOf(again).put('a', early)).toBe(rowsOf(again).slot('a'));
    const next = { key: 'a', x: 3, y: 5 };
    expect(again.update(next)).toEqual({ key: 'a', x: 2, y: 5 });
    expect(rowsOf(again).get('a')).toEqual((engine.update(next), rowsOf(engine).get('a')));
  });

  it('are not mixed up with a row of another length', () => {
    const engine = ema({ decay: 0.5, columns: ['x'] });
    engine.update({ key: 'a', x: 1 });
    const row = rowsOf(engine).get('a')!;
    for (const length of [1, row.length - 1, row.length + 1, 2 * row.length]) {
      expect(rowsOf(engine).put('b', new Float64Array(length))).toBe(-1);
    }
    expect(rowsOf(engine).keys()).toEqual(['a']);
    expect(rowsOf(engine).get('b')).toBeUndefined();
    expect(rowsOf(engine).get('a')).toEqual(row);
  });

  it('fit a state in which time counts, as idleMs came to be given', () => {
    const engine = ema({ decay: 0.5, columns: ['x'] });
    engine.update({ key: 'a', x: 1 });
    const again = takenOver((from) => ema({ decay: 0.5, columns: ['x'], idleMs: 9, clock: { now: () => 0 } }, from), engine); // prettier-ignore
    const next = { key: 'a', x: 3 };
    expect(again.update(next)).toEqual(engine.update(next));
  });

  it('are nothing before the first value', () => {
    const engine = ema({ decay: 0.5 });
    expect([rowsOf(engine).head(), rowsOf(engine).columns, rowsOf(engine).size, rowsOf(engine).get('a')]).toEqual([
      null,
      null,
      0,
      undefined,
    ]);
    expect(rowsOf(engine).put('a', new Float64Array(0))).toBe(-1);
  });
});

describe('keys that idleMs forgets', () => {
  it('are told of once they are gone', () => {
    const engine = ema({ ...CLOCK, idleMs: 100 });
    const gone: unknown[] = [];
    engine.forgotten = (key) => gone.push(key, rowsOf(engine).get(key));
    for (const [key, at] of [['a', 0], ['b', 60], ['a', 90], ['b', 195], ['b', 205]] as const) engine.update({ key, at, x: 1 }); // prettier-ignore
    expect(gone).toEqual(['a', undefined]);
  });
});
