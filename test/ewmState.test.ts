import {
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import * as fc from 'fast-check';
import {
  Ema,
  ewm,
  EwmState,
  fromBytes,
  ModelEma,
  toBytes,
  type EwmOptions,
  type EwmStateConstructor,
  type EwmStatistic,
  type Snapshot,
} from 'rx-ema';
import { from, lastValueFrom, of, toArray, type OperatorFunction } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import { refusal, refusalOf } from './refusal.js';
import { unlike } from './support/merging.js';

interface Row {
  readonly x: number | null;
  readonly y: number | null;
  readonly key: string;
  readonly at: number;
  readonly n: number;
}
/** Of any statistic: what it emits is held against what the operator emits. */
interface State {
  readonly step: number;
  readonly seen: number;
  readonly dropped: number;
  readonly late: number;
  update(value: unknown): unknown;
  get(): unknown;
  reset(key?: string): void;
  snapshot(): Snapshot;
}
type AnyStatistic = EwmStatistic<Row>;
type AnyOptions = EwmOptions<Row>;

const stateOf = (options: AnyOptions, statistic: AnyStatistic, saved?: Snapshot): State =>
  new (EwmState as unknown as new (...all: unknown[]) => State)(options, statistic, saved);

/** The operator of a statistic. */
function operatorOf(options: AnyOptions, statistic: AnyStatistic): OperatorFunction<Row, unknown> {
  const own = ewm<Row>(options);
  const { bias = false } = statistic as { bias?: boolean };
  if (statistic.stat === 'cov') return own.cov(statistic.x, statistic.y, { bias });
  if (statistic.stat === 'corr') return own.corr(statistic.x, statistic.y);
  if (statistic.stat === 'bands') return own.bands({ width: statistic.width ?? 2 });
  if (statistic.stat === 'mean' || statistic.stat === 'sum') return own[statistic.stat]();
  return own[statistic.stat]({ bias });
}

const STATISTICS: readonly AnyStatistic[] = [
  { stat: 'mean' },
  { stat: 'sum' },
  { stat: 'var' },
  { stat: 'var', bias: true },
  { stat: 'std' },
  { stat: 'cov', x: 'x', y: 'y' },
  { stat: 'corr', x: 'x', y: 'y' },
  { stat: 'bands', width: 3 },
];
const named = (statistic: AnyStatistic): string => Object.values(statistic).join(' ');
const ofNumbers = STATISTICS.filter(({ stat }) => stat !== 'cov' && stat !== 'corr');

const COLUMNS = { columns: ['x', 'y'] } as const;
const OPTIONS: readonly AnyOptions[] = [
  { alpha: 0.5, ...COLUMNS },
  { span: 5, ignoreNa: true, minPeriods: 3, missing: 'skip', ...COLUMNS },
  { halfLife: 2, by: 'key', ...COLUMNS },
  { com: 1, weight: 'n', ...COLUMNS },
  { halfLifeMs: 100, time: 'at', by: 'key', ...COLUMNS },
];
/** A sum is of weights that decay from 1. */
const NOT_ADJUSTED: readonly AnyOptions[] = [
  { com: 3, adjust: false, ...COLUMNS },
  { tauMs: 100, time: 'at', adjust: false, ...COLUMNS },
];
const cases = STATISTICS.flatMap((statistic) =>
  [...OPTIONS, ...(statistic.stat === 'sum' ? [] : NOT_ADJUSTED)].map((options) => ({ statistic, options })),
);

const cell = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(null, NaN) },
);
const rowsOf = (maxLength: number): fc.Arbitrary<Row[]> =>
  fc
    .array(
      fc.record({ x: cell, y: cell, key: fc.constantFrom('a', 'b'), at: fc.nat(50), n: fc.constantFrom(1, 2, 0.5) }),
      { minLength: 1, maxLength },
    )
    .map((rows) => rows.map((row, i) => ({ ...row, at: i * 40 + row.at - (row.at % 2) * 30 })))
    .map((rows) => rows.sort((a, b) => a.at - b.at));

const batchType = new TimestampMillisecond();
function batchOf(rows: readonly Row[]): RecordBatch {
  const columns = {
    x: vectorFromArray(rows.map(({ x }) => x), new Float64()),
    y: vectorFromArray(rows.map(({ y }) => y), new Float64()),
    key: vectorFromArray(rows.map(({ key }) => key), new Utf8()),
    at: vectorFromArray(rows.map(({ at }) => at), batchType),
    n: vectorFromArray(rows.map(({ n }) => n), new Float64()),
  }; // prettier-ignore
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type, true));
  const children = Object.values(columns).map(({ data }) => data[0]!);
  const data = makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}

/** What came out, for comparing: batches as rows. */
const plain = (value: unknown): unknown =>
  value instanceof RecordBatch ? value.toArray().map((row) => row?.toJSON()) : value;

const collect = (source: readonly unknown[], operator: OperatorFunction<never, unknown>): Promise<unknown[]> =>
  lastValueFrom(from(source as never[]).pipe(operator, toArray()), { defaultValue: [] });

describe.each(STATISTICS.map((statistic) => [named(statistic), statistic] as const))('%s', (_, statistic) => {
  const options = cases.filter((one) => one.statistic === statistic).map((one) => one.options);
  const sources: readonly [string, (rows: readonly Row[]) => unknown[]][] = [
    ['records', (rows) => [...rows]],
    ['batches', (rows) => [batchOf(rows.slice(0, 3)), batchOf([]), batchOf(rows.slice(3))]],
  ];

  it.each(sources)('of %s gives what the operator gives, row by row', async (_kind, make) => {
    const [rows] = fc.sample(rowsOf(30), { numRuns: 1, seed: 7 });
    for (const one of options) {
      const source = make(rows!);
      const state = stateOf(one, statistic);
      const got = source.map((value) => plain(state.update(value)));
      const want = (await collect(source, operatorOf(one, statistic))).map(plain);
      expect(unlike(got, want, 1e-15)).toBeNull(); // a mean that is not saved may take other steps
    }
  });

  it.each(sources)('of %s goes on from a snapshot, bit for bit, wherever it is cut', (_kind, make) => {
    holds(
      fc.property(rowsOf(12), fc.nat(12), fc.constantFrom(...options), (rows, at, one) => {
        const source = make(rows);
        const cut = Math.min(at, source.length);
        const through = stateOf(one, statistic);
        const want = source.map((value) => plain(through.update(value)));
        const first = stateOf(one, statistic);
        const got = source.slice(0, cut).map((value) => plain(first.update(value)));
        const second = stateOf(one, statistic, fromBytes(toBytes(first.snapshot())));
        expect(second.snapshot()).toEqual(first.snapshot());
        expect([second.step, second.seen]).toEqual([first.step, first.seen]);
        got.push(...source.slice(cut).map((value) => plain(second.update(value))));
        expect(got).toEqual(want);
        expect(second.snapshot()).toEqual(through.snapshot());
      }),
      60,
    );
  });
});

describe('an EwmState', () => {
  it.each(ofNumbers.map((statistic) => [named(statistic), statistic] as const))(
    'of numbers, %s, goes on from a snapshot with what get() gave',
    async (_, statistic) => {
      const xs = [1, null, 5, 4, NaN, 2];
      const options = { alpha: 0.5 } as AnyOptions;
      const through = await collect(xs, operatorOf(options, statistic));
      for (let cut = 0; cut <= xs.length; cut++) {
        const first = stateOf(options, statistic);
        const got = xs.slice(0, cut).map((x) => first.update(x));
        const second = stateOf(options, statistic, first.snapshot());
        expect(second.get()).toEqual(first.get());
        expect(unlike([...got, ...xs.slice(cut).map((x) => second.update(x))], through, 1e-15)).toBeNull();
      }
    },
  );

  it('get() is what the last update that was not missing returned, undefined while it is not yet', () => {
    const state = new EwmState<number | null>({ alpha: 0.5 }, { stat: 'var' });
    expect([state.update(1), state.get()]).toEqual([NaN, undefined]);
    expect([state.update(5), state.get()]).toEqual([8, 8]);
    expect([state.update(null), state.get()]).toEqual([8, 8]);
    const bands = new EwmState({ alpha: 0.5 }, { stat: 'bands' });
    bands.update(4);
    const again = new EwmState({ alpha: 0.5 }, { stat: 'bands', width: 1 }, bands.snapshot());
    expect(again.get()).toEqual({ mean: 4, std: NaN, upper: NaN, lower: NaN });
    const records = new EwmState<{ a: number }>({ alpha: 0.5 }, { stat: 'bands' });
    records.update({ a: 4 });
    const resumed = new EwmState<{ a: number }>({ alpha: 0.5 }, { stat: 'bands' }, records.snapshot());
    expect(resumed.get()).toEqual({ a_mean: 4, a_std: NaN, a_upper: NaN, a_lower: NaN });
  });

  it('what the receiver does with a band changes nothing', () => {
    const state = new EwmState<number | null>({ alpha: 0.5 }, { stat: 'bands' });
    (state.update(4) as { mean: number }).mean = -1;
    (state.get() as { mean: number }).mean = -1;
    expect(state.update(null)).toMatchObject({ mean: 4 });
  });

  it('counts values, deliveries, and what came too late', () => {
    const state = new EwmState<{ at: number; x: number | null }>(
      { halfLifeMs: 5, time: 'at', late: 'skip' },
      { stat: 'sum' },
    );
    for (const [at, x] of [
      [0, 1],
      [5, null],
      [3, 9],
      [10, 2],
    ] as const) {
      state.update({ at, x });
    }
    expect([state.step, state.seen, state.late, state.dropped]).toEqual([2, 4, 1, 0]);
    expect(state.get()).toEqual({ at: 10, x: 2.25 });
  });

  it('reset() forgets everything, or a key', () => {
    const state = new EwmState<{ k: string; x: number }>({ alpha: 0.5, by: 'k' }, { stat: 'sum' });
    for (const k of ['a', 'b', 'a']) state.update({ k, x: 1 });
    state.reset('a');
    expect([state.update({ k: 'a', x: 8 }).x, state.update({ k: 'b', x: 1 }).x]).toEqual([8, 1.5]);
    state.reset();
    expect([state.step, state.seen, state.get()]).toEqual([0, 0, undefined]);
    expect(state.snapshot()).toEqual(new EwmState<{ k: string }>({ alpha: 0.5, by: 'k' }, { stat: 'sum' }).snapshot());
  });

  it('is an EwmState, and its class has that name', () => {
    const state = new EwmState({ alpha: 0.5 }, { stat: 'mean' });
    expect(state).toBeInstanceOf(EwmState);
    expect((EwmState as EwmStateConstructor & { name: string }).name).toBe('EwmState');
    expect(state.stat).toBe('mean');
  });

  it('refuses vectors, as ewm does, and an Ema is not for ewm', async () => {
    expect(
      refusal(() => new EwmState<unknown>({ alpha: 0.5 }, { stat: 'mean' }).update(new Float64Array(2))).code,
    ).toBe('VALUE_KIND');
    expect(refusal(() => ewm(new Ema({ alpha: 0.5 }) as never)).code).toBe('OPTION_UNKNOWN');
    const state = new EwmState({ alpha: 0.5 }, { stat: 'mean' });
    expect((await refusalOf(of('1').pipe(ewm(state as never)))).code).toBe('VALUE_KIND');
  });

  it.each<[unknown, string, string]>([
    [undefined, 'OPTION_VALUE', "statistic must be like { stat: 'var' }, got undefined"],
    ['var', 'OPTION_VALUE', "statistic must be like { stat: 'var' }, got 'var'"],
    [{}, 'OPTION_VALUE', 'stat must be one of mean, sum, var, std, cov, corr, bands, got undefined'],
    [
      { stat: 'median' },
      'OPTION_VALUE',
      "stat must be one of 'mean', 'sum', 'var', 'std', 'cov', 'corr', 'bands', got 'median'",
    ],
    [{ stat: 'mean', bias: true }, 'OPTION_UNKNOWN', "options must be among stat, got 'bias'"],
    [{ stat: 'var', x: 'x' }, 'OPTION_UNKNOWN', "options must be among stat, bias, got 'x'"],
    [{ stat: 'cov', x: 'x' }, 'OPTION_VALUE', 'y must be the name of a field or column, got undefined'],
    [{ stat: 'std', bias: 1 }, 'OPTION_VALUE', 'bias must be one of true, false, got 1'],
    [{ stat: 'bands', width: 0 }, 'OPTION_VALUE', 'width must be > 0 and finite, got 0'],
  ])('of %o is refused', (statistic, code, message) => {
    expect(refusal(() => stateOf({ alpha: 0.5 }, statistic as AnyStatistic))).toEqual({ code, message });
  });
});

describe('a snapshot of an EwmState', () => {
  const saved = (options: AnyOptions, statistic: AnyStatistic, ...values: unknown[]): Snapshot => {
    const state = stateOf(options, statistic);
    for (const value of values) state.update(value);
    return state.snapshot();
  };

  it.each<[AnyStatistic, AnyStatistic, RegExp]>([
    [{ stat: 'mean' }, { stat: 'sum' }, /got stat: mean where these have stat: sum$/],
    [{ stat: 'var', bias: true }, { stat: 'var' }, /bias/],
    [{ stat: 'cov', x: 'x', y: 'y' }, { stat: 'cov', x: 'y', y: 'x' }, /got x: x, y: y where/],
  ])('of %o is refused by %o, naming it', (made, other, said) => {
    const { code, message } = refusal(() => stateOf({ alpha: 0.5 }, other, saved({ alpha: 0.5 }, made)));
    expect([code, message]).toEqual(['SNAPSHOT_OPTIONS', expect.stringMatching(said)]);
  });

  it.each<[AnyOptions, AnyOptions]>([
    [{ alpha: 0.5 }, { alpha: 0.4 }],
    [{ alpha: 0.5 }, { span: 3 }],
    [{ alpha: 0.5 }, { alpha: 0.5, adjust: false }],
    [{ alpha: 0.5 }, { alpha: 0.5, ignoreNa: true }],
    [{ alpha: 0.5 }, { alpha: 0.5, minPeriods: 1 }],
    [{ alpha: 0.5 }, { alpha: 0.5, missing: 'skip' }],
    [{ alpha: 0.5, by: 'key' }, { alpha: 0.5 }],
  ])('under %o is refused under %o', (made, other) => {
    const snapshot = saved(made, { stat: 'mean' });
    expect(refusal(() => stateOf(other, { stat: 'mean' }, snapshot)).code).toBe('SNAPSHOT_OPTIONS');
  });

  it('goes on under another width and other names', () => {
    const bands = saved({ alpha: 0.5 }, { stat: 'bands', width: 2 }, { x: 4 }, { x: 8 });
    const named = { alpha: 0.5, as: (name: string) => `${name}!` } as AnyOptions;
    const wide = stateOf(named, { stat: 'bands', width: 3 }, bands).get() as Record<string, number>;
    expect(wide['x!_upper']).toBe(wide['x!_mean']! + 3 * wide['x!_std']!);
  });

  it('of another engine is refused as that', () => {
    const own = stateOf({ alpha: 0.5 }, { stat: 'mean' }).snapshot();
    expect(refusal(() => new Ema({ alpha: 0.5 }, own)).message).toMatch(/got one of an EwmState$/);
    expect(refusal(() => new ModelEma({ alpha: 0.5 }, own)).message).toMatch(/got one of an EwmState$/);
    const ema = new Ema({ alpha: 0.5 }).snapshot();
    expect(refusal(() => stateOf({ alpha: 0.5 }, { stat: 'mean' }, ema)).message).toMatch(/got one of an Ema$/);
  });

  const whole: readonly [string, AnyOptions, AnyStatistic, Snapshot][] = (
    [
      ['numbers', { alpha: 0.5 }, { stat: 'var' }, [1, 5]],
      ['bands of numbers', { alpha: 0.5 }, { stat: 'bands' }, [1, 5]],
      ['bands of records', { alpha: 0.5 }, { stat: 'bands' }, [{ x: 1 }]],
      ['pairs', { alpha: 0.5 }, { stat: 'corr', x: 'x', y: 'y' }, [{ x: 1, y: 2 }]],
      ['keys', { alpha: 0.5, by: 'key' }, { stat: 'mean' }, [{ x: 1, key: 'a' }]],
      [
        'batches of pairs',
        { alpha: 0.5 },
        { stat: 'cov', x: 'x', y: 'y' },
        [batchOf([{ x: 1, y: 2, key: 'a', at: 0, n: 1 }])],
      ],
    ] as const
  ).map(([name, options, statistic, values]) => [
    name,
    options as AnyOptions,
    statistic,
    saved(options as AnyOptions, statistic, ...values),
  ]);

  it.each(whole)('of %s without one of its parts is refused', (_, options, statistic, snapshot) => {
    const code = (broken: Snapshot): string => refusal(() => stateOf(options, statistic, broken)).code;
    for (const name of Object.keys(snapshot.shadows)) {
      const { [name]: _gone, ...rest } = snapshot.shadows;
      expect([name, code({ ...snapshot, shadows: rest })]).toEqual([name, 'SNAPSHOT_CORRUPT']);
    }
    for (const name of Object.keys(snapshot.scalars).filter((one) => one !== 'roles')) {
      const { [name]: _gone, ...rest } = snapshot.scalars;
      expect([name, code({ ...snapshot, scalars: rest })]).toEqual([name, 'SNAPSHOT_CORRUPT']);
    }
  });
});
