import type { RecordBatch } from 'apache-arrow';
import * as fc from 'fast-check';
import { Ema, ewm, fromBytes, toBytes, type EmaOptions, type EwmOptions, type Snapshot } from 'rx-ema';
import { Subject, type OperatorFunction } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import {
  batchesOf,
  cellsOf,
  columnsOf,
  FLOATS,
  GAPS,
  HOLES,
  KEY_FORMS,
  recordsOf,
  STEPS,
  VALUES,
  type Cell,
  type Columns,
  type FloatName,
  type Made,
  type Row,
  type Shape,
} from './support/columns.js';

type Options = Readonly<Record<string, unknown>>;
type Statistic = 'ema' | 'mean' | 'sum' | 'var' | 'std' | 'cov' | 'corr' | 'bands';

/** What is asked: `Ema` with a readout, or a statistic of `ewm`, and what of the rows it looks at. */
interface Call {
  readonly statistic: Statistic;
  readonly readout: 'raw' | 'corrected';
  readonly bias: boolean;
  readonly options: Options;
  readonly keyed: boolean;
  readonly timed: boolean;
  readonly weighed: boolean;
}

interface Case {
  readonly call: Call;
  readonly made: Made;
  readonly shape: Shape;
  readonly cuts: readonly number[];
}

// ---- how rows go through ----------------------------------------------------------------------------------------------

/** One value at a time, and how many steps that took; of an operator nobody knows. */
interface Smooth {
  (value: unknown): unknown;
  readonly steps?: () => number;
}

const isPair = ({ statistic }: Call): boolean => statistic === 'cov' || statistic === 'corr';

function fieldsOf(call: Call): Options {
  const { keyed, timed, weighed } = call;
  return {
    columns: ['x', 'y'],
    ...(keyed && { by: 'key' }),
    ...(timed && { time: 'at' }),
    ...(weighed && { weight: 'n' }),
  };
}

const emaOf = <T>({ options }: Call, more: Options, from?: Snapshot): Ema<T> =>
  new Ema<T>({ ...options, ...more } as unknown as EmaOptions<T>, from);

/** Through an engine or an operator of its own. */
function smoother(call: Call, more: Options): Smooth {
  const { statistic, readout, options } = call;
  if (statistic === 'ema') {
    const ema = emaOf<unknown>(call, more);
    return Object.assign((value: unknown) => ema.update(value, readout), { steps: () => ema.step });
  }
  const family = ewm<never>({ ...options, ...more } as unknown as EwmOptions<never>);
  const own = statistic === 'var' || statistic === 'std' || statistic === 'cov' ? [{ bias: call.bias }] : [];
  const make = family[statistic] as unknown as (...args: unknown[]) => OperatorFunction<unknown, unknown>;
  const source = new Subject<unknown>();
  let [out, failure]: unknown[] = [];
  source
    .pipe(make(...(isPair(call) ? ['x', 'y'] : []), ...own))
    .subscribe({ next: (value) => (out = value), error: (error) => (failure = error) });
  return (value) => {
    source.next(value);
    if (failure !== undefined) throw failure as Error;
    return out;
  };
}

const field = (name: string) => ({ name, of: (out: unknown) => (out as Options)[name] });

/** The columns that come out: their names in a batch, and what a record has for them. */
function outputsOf(call: Call): readonly { readonly name: string; readonly of: (out: unknown) => unknown }[] {
  if (isPair(call)) return [{ name: `x_y_${call.statistic}`, of: (out) => out }];
  if (call.statistic !== 'bands') return ['x', 'y'].map(field);
  return ['x', 'y'].flatMap((name) => ['mean', 'std', 'upper', 'lower'].map((part) => field(`${name}_${part}`)));
}

/** What came out, a list for each column, and how many steps it took. */
interface Outcome<X> {
  readonly outs: X[][];
  readonly steps: number | undefined;
}

function byRecords(call: Call, columns: Columns): Outcome<unknown> {
  const smooth = smoother(call, fieldsOf(call));
  const outs = recordsOf(columns).map((row) => smooth(row));
  return { outs: outputsOf(call).map(({ of }) => outs.map(of)), steps: smooth.steps?.() };
}

function byBatches(call: Call, batches: readonly RecordBatch[]): Outcome<Cell> {
  const smooth = smoother(call, fieldsOf(call));
  const outs = batches.map((batch) => smooth(batch) as RecordBatch);
  return { outs: outputsOf(call).map(({ name }) => cellsOf(outs, name)), steps: smooth.steps?.() };
}

/** By number: x alone, with a clock where there is time. */
function byNumbers(call: Call, columns: Columns): unknown[] {
  let now = 0;
  const smooth = smoother(call, call.timed ? { clock: { now: () => now } } : {});
  const outs = columns.x.map((x, row) => {
    now = columns.at[row]!;
    return smooth(x);
  });
  return call.statistic === 'bands' ? outs.map((out) => (out === null ? null : (out as { mean: number }).mean)) : outs;
}

// ---- what may differ --------------------------------------------------------------------------------------------------

const sizeOf = (cells: readonly Cell[]): number =>
  cells.reduce<number>((most, x) => (x !== null && Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** Among subnormals a step rounds by as much as this. */
const SMALLEST = 4 * 2 ** -1074;

/** How far two ways may be apart at a row that comes to v: test/fixtures/README.md, with M times the heaviest weight. */
function toleranceOf({ statistic, weighed, readout }: Call, columns: Columns): (v: number) => number {
  const eps = 2 ** -52;
  const largest = Math.max(sizeOf(columns.x), sizeOf(columns.y));
  const heaviest = weighed ? Math.max(1, sizeOf(columns.n)) : 1;
  const unit = Math.max(eps * largest, SMALLEST);
  switch (statistic) {
    case 'ema':
      return () => 8 * unit * (readout === 'raw' ? heaviest : 1);
    case 'sum':
      return (v) => 64 * Math.max(unit * heaviest, eps * Math.abs(v));
    case 'var':
    case 'cov':
      return (v) => 64 * unit * (Math.sqrt(Math.abs(v)) + 64 * unit);
    case 'corr':
      return () => 64 * eps;
    case 'bands':
      return () => 24 * unit;
    default:
      return () => 8 * unit;
  }
}

/** Rows that differ. "Not yet" and what is left out may be null in a batch where a record has NaN. */
function differences(
  got: readonly unknown[],
  want: readonly unknown[],
  float: FloatName,
  tolerance: (v: number) => number,
): string[] {
  const { eps, least, round } = FLOATS[float];
  const wrong: string[] = [];
  for (let row = 0; row < Math.max(got.length, want.length); row++) {
    const [a, b] = [got[row], want[row]];
    const none = b === undefined || Number.isNaN(b);
    if (Object.is(a, b) || (none && (a === null || Number.isNaN(a)))) continue;
    if (typeof a === 'number' && typeof b === 'number') {
      if (a === round(b)) continue;
      const rounding = float === 'Float64' ? 0 : eps * Math.abs(b) + least;
      if (Math.abs(a - b) <= tolerance(b) + rounding) continue;
    }
    wrong.push(`row ${row}: ${String(a)}, not ${String(b)}`);
  }
  return wrong.slice(0, 3);
}

/** What a constant comes to, and nothing else; null where it is no constant's business. */
function constantOf({ statistic, readout, bias }: Call, { values }: Made): number | null {
  if (values !== 'constant') return null;
  if (statistic === 'mean' || (statistic === 'ema' && readout === 'corrected')) return 0.1;
  return statistic === 'var' && bias ? 0 : null;
}

function expectSame({ call, made, shape, cuts }: Case): void {
  const { float } = shape;
  const columns = columnsOf(made, float);
  const tolerance = toleranceOf(call, columns);
  const want = byRecords(call, columns);
  // pairs come out as doubles, whatever goes in
  const out = isPair(call) ? 'Float64' : float;
  const cut = byBatches(call, batchesOf(columns, cuts, shape));
  cut.outs.forEach((got, i) => expect(differences(got, want.outs[i]!, out, tolerance)).toEqual([]));
  // keys that are idle are looked for once in `idleMs`, when a batch is in
  if (call.options['idleMs'] === undefined) expect(cut.steps).toBe(want.steps);
  const constant = constantOf(call, made);
  if (constant !== null) {
    const exact = FLOATS[float].round(constant);
    const others = cut.outs.flat().filter((cell) => cell !== null && Number.isFinite(cell) && cell !== exact);
    expect(others).toEqual([]);
  }
  // a clock is not asked before the first number, so that it cannot be late against what was missing before
  if (call.keyed || call.weighed || isPair(call) || (call.timed && made.late > 0)) return;
  expect(differences(byNumbers(call, columns), want.outs[0]!, 'Float64', tolerance)).toEqual([]);
}

// ---- what is tried ----------------------------------------------------------------------------------------------------

const names = <K extends string>(of: Readonly<Record<K, unknown>>): fc.Arbitrary<K> =>
  fc.constantFrom(...(Object.keys(of) as K[]));

/** Around blocks of eight rows and pieces of 4096, and lengths in which decays settle. */
const SHORT = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(7, 8, 9, 15, 16, 17, 24, 63, 64, 65));
const LONG = fc.oneof(fc.constantFrom(4095, 4096, 4097, 8191, 8193), fc.integer({ min: 300, max: 12_000 }));

/** Of the rows; doubles are mostly tried at the ends of their range. */
const PART = fc.nat(999).map((part) => part / 1000);

interface Scope {
  readonly rows: fc.Arbitrary<number>;
  readonly float: fc.Arbitrary<FloatName>;
  readonly late: fc.Arbitrary<number>;
}

function cases(calls: fc.Arbitrary<Call>, { rows, float, late }: Scope): fc.Arbitrary<Case> {
  return fc
    .record({
      call: calls,
      made: fc.record({
        seed: fc.nat(),
        rows,
        values: names(VALUES),
        holes: fc.oneof(fc.constant('none' as const), names(HOLES)),
        gaps: names(GAPS),
        steps: fc.constantFrom(...STEPS),
        keys: fc.constantFrom(1, 2, 5, 90),
        run: fc.constantFrom(1, 1, 3, 50),
        late,
      }),
      idle: fc.constantFrom<Options>({}, { idleMs: 2500 }, { idleMs: 1e6 }),
      shape: fc.record({
        float,
        keys: fc.constantFrom(...KEY_FORMS),
        before: fc.constantFrom(0, 1, 3, 8, 13),
        behind: fc.constantFrom(0, 1, 9),
        stamp: fc.constantFrom('ms' as const, 'us' as const, 'ns' as const),
        bitmap: fc.boolean(),
      }),
      parts: fc.oneof(
        fc.array(PART, { maxLength: 6 }),
        fc.constant('a row each' as const),
        fc.constantFrom(3, 8, 100, 4096),
      ),
    })
    .map(({ parts, idle, call, ...one }) => {
      // what is late by more than `idleMs` may find its key forgotten, or not yet
      const forgets = call.keyed && call.timed && one.made.late === 0 ? idle : {};
      const asked = { ...call, options: { ...call.options, ...forgets } };
      return { ...one, call: asked, cuts: cutsOf(parts, one.made.rows) };
    });
}

/** At these parts of the rows, and one row behind the first of them; or every so many rows. */
function cutsOf(parts: readonly number[] | 'a row each' | number, rows: number): number[] {
  if (typeof parts === 'object') {
    const at = parts.map((part) => Math.floor(part * rows));
    return at.length === 0 ? [] : [...at, at[0]! + 1];
  }
  const size = parts === 'a row each' ? Math.max(1, Math.floor(rows / 64)) : parts;
  return Array.from({ length: Math.floor(rows / size) }, (_, i) => (i + 1) * size);
}

const missing = fc.constantFrom('skip', 'carry', 'propagate');
const MORE = { late: fc.constant(0), float: fc.constantFrom<FloatName>('Float64', 'Float64', 'Float32', 'Float16') };

const RATES: readonly Options[] = [
  { decay: 0.9 },
  { decay: 0.99 },
  { decay: 0.5 },
  { decay: 0 },
  { decay: 1e-9 },
  { decay: 1 - 1e-12 },
  { alpha: 1e-9 },
  { alpha: 1 },
  { halfLife: 20 },
  { span: 3 },
  { alpha: ({ step }: { step: number }) => 1 / step },
  { decay: ({ step }: { step: number }) => (step % 3 === 2 ? 1 : 0.5) },
];
const STARTS: readonly Options[] = [{}, {}, { start: 'first' }, { start: { sma: 3 } }, { start: { sma: 9 } }];
/** Thousands of steps of 1e-9 add up their roundings, block by block or row by row. */
const adrift = ({ rate, start }: { rate: Options; start: Options }): boolean =>
  'start' in start && (rate['alpha'] === 1e-9 || rate['decay'] === 1 - 1e-12);
const FORGETS = RATES.flatMap((rate) => STARTS.map((start) => ({ rate, start })));

const perStep = (keyed: boolean, weighed: boolean, long: boolean): fc.Arbitrary<Call> =>
  fc
    .record({
      forgets: fc.constantFrom(...(long ? FORGETS.filter((one) => !adrift(one)) : FORGETS)),
      missing,
      ages: fc.boolean(),
      readout: readouts,
    })
    .map(({ forgets: { rate, start }, readout, ...more }): Call => ({
      statistic: 'ema',
      readout,
      bias: false,
      options: { ...rate, ...start, ...more },
      keyed,
      timed: false,
      weighed,
    }));
const readouts = fc.constantFrom('raw' as const, 'corrected' as const);

const clocks = fc.constantFrom<Options>({ halfLifeMs: 2000 }, { tauMs: 1e-3 }, { tauMs: 1e9 }, { halfLifeMs: 300 });
const perMs = (keyed: boolean, weighed: boolean): fc.Arbitrary<Call> =>
  fc
    .record({
      rate: clocks,
      hold: weighed ? fc.constant('sample') : fc.constantFrom('sample', 'next', 'last', 'linear'),
      missing,
      readout: readouts,
      late: fc.constant('skip'),
    })
    .map(({ rate, readout, ...more }): Call => ({
      statistic: 'ema',
      readout,
      bias: false,
      options: { ...rate, ...more },
      keyed,
      timed: true,
      weighed,
    }));

const statistics = fc.constantFrom<Statistic>('mean', 'sum', 'var', 'std', 'cov', 'corr', 'bands');
const pandas = (keyed: boolean, weighed: boolean): fc.Arbitrary<Call> =>
  fc
    .record({
      statistic: statistics,
      bias: fc.boolean(),
      rate: fc.constantFrom<Options>({ alpha: 0.4 }, { com: 1 }, { span: 30 }, { alpha: 1 }, { alpha: 1e-9 }),
      ignoreNa: fc.boolean(),
      adjust: fc.boolean(),
      minPeriods: fc.constantFrom(0, 3),
      missing,
      clock: fc.option(clocks),
    })
    .map(({ statistic, bias, rate, ignoreNa, adjust, clock, ...more }): Call => {
      const adjusts = statistic === 'sum' || (weighed && clock !== null) || adjust;
      const forgets = clock === null ? { ...rate, ignoreNa } : { ...clock, late: 'skip' };
      return {
        statistic,
        readout: 'corrected',
        bias,
        options: { ...forgets, adjust: adjusts, ...more },
        keyed,
        timed: clock !== null,
        weighed,
      };
    });

const LATE = fc.constantFrom(0, 5, 40);

describe('however rows are cut into batches, sliced and keyed, they come out as they do one by one', () => {
  describe.each<
    [string, (keyed: boolean, weighed: boolean, long: boolean) => fc.Arbitrary<Call>, fc.Arbitrary<number>]
  >([
    ['a decay per step', perStep, fc.constant(0)],
    ['a decay per millisecond', perMs, LATE],
    ['the pandas family', pandas, LATE],
  ])('%s', (_, callsOf, late) => {
    it.each([
      ['', false, false],
      [' by key', true, false],
      [' with weights', false, true],
      [' by key with weights', true, true],
    ])('of few rows%s', (__, keyed, weighed) => {
      holds(fc.property(cases(callsOf(keyed, weighed, false), { ...MORE, rows: SHORT, late }), expectSame), 200);
    });

    it.each([
      ['', false, false],
      [' by key', true, false],
      [' by key with weights', true, true],
    ])('of many rows%s', (__, keyed, weighed) => {
      holds(fc.property(cases(callsOf(keyed, weighed, true), { ...MORE, rows: LONG, late }), expectSame), 12);
    });
  });
});
/** Values through an engine that is saved, as bytes, and loaded before the value at `at`. */
function interrupted(
  call: Call,
  more: Options,
  values: readonly unknown[],
  at: number,
): { outs: unknown[]; end: Snapshot } {
  let ema = emaOf<unknown>(call, more);
  const outs = values.map((value, i) => {
    if (i === at) ema = emaOf<unknown>(call, more, fromBytes(toBytes(ema.snapshot())));
    const out = ema.update(value, call.readout);
    if (call.keyed && i % 3 === 1) ema.reset(i % 2 === 0 ? null : 'k0'); // so that slots are others' afterwards
    return out;
  });
  return { outs, end: ema.snapshot() };
}

function expectResumed({ call, made, shape, cuts }: Case, part: number): void {
  const columns = columnsOf(made, shape.float);
  const fields = fieldsOf(call);
  const same = (more: Options, values: readonly unknown[], read: (outs: readonly unknown[]) => unknown): void => {
    const [through, resumed] = [-1, Math.floor(part * values.length)].map((at) => interrupted(call, more, values, at));
    expect(read(resumed!.outs)).toEqual(read(through!.outs));
    if (call.options['idleMs'] === undefined) expect(resumed!.end).toEqual(through!.end);
  };
  same(fields, batchesOf(columns, cuts, shape), (outs) =>
    ['x', 'y'].map((name) => cellsOf(outs as RecordBatch[], name)),
  );
  same(fields, recordsOf(columns), (outs) => outs);
  if (call.keyed || call.timed || call.weighed) return;
  same({}, columns.x, (outs) => outs);
}

describe('a snapshot, loaded between any two values', () => {
  it.each<[string, boolean, boolean]>([
    ['', false, false],
    [' by key', true, false],
    [' by key with weights', true, true],
  ])('changes nothing, bit for bit%s', (_, keyed, weighed) => {
    const calls = fc.oneof(perStep(keyed, weighed, false), perMs(keyed, weighed));
    const some = cases(calls, { ...MORE, rows: SHORT, late: LATE });
    holds(fc.property(some, PART, expectResumed), 80);
    holds(fc.property(cases(calls, { ...MORE, rows: LONG, late: LATE }), PART, expectResumed), 4);
  });
});

it.each<[string, fc.Arbitrary<Call>]>([
  ['step', perStep(true, false, false)],
  ['step, with weights,', perStep(true, true, false)],
  ['millisecond', perMs(true, false)],
])('under a decay per %s a key that is forgotten begins anew, as batches and as records', (_, calls) => {
  const strings = KEY_FORMS.filter((form) => !form.startsWith('numbers') && !form.startsWith('bigints'));
  holds(
    fc.property(cases(calls, { ...MORE, rows: SHORT, late: fc.constant(0) }), (one) => {
      const { call, made, cuts } = one;
      const shape = { ...one.shape, keys: strings[made.seed % strings.length]! };
      const columns = columnsOf(made, shape.float);
      const rows = recordsOf(columns);
      const [some, each] = [emaOf<RecordBatch>(call, fieldsOf(call)), emaOf<Row>(call, fieldsOf(call))];
      let from = 0;
      const want: Row[] = [];
      const got = batchesOf(columns, cuts, shape).map((batch, i) => {
        const out = some.update(batch, call.readout);
        for (const row of rows.slice(from, (from += batch.numRows))) want.push(each.update(row, call.readout));
        const key = i % 3 === 2 ? null : `k${i % 2}`;
        some.reset(key);
        each.reset(key);
        return out;
      });
      if (call.options['idleMs'] === undefined) expect(some.step).toBe(each.step);
      for (const name of ['x', 'y'] as const) {
        const wanted = want.map((row) => row[name]);
        expect(differences(cellsOf(got, name), wanted, shape.float, toleranceOf(call, columns))).toEqual([]);
      }
    }),
    100,
  );
});

it.each([0.9, 0.99, 0.999])(
  'raw of a constant reaches it exactly under decay %d, with holes, by key, and stays',
  (decay) => {
    const rows = 60_000;
    const all = Array.from({ length: rows }, () => 0.1);
    for (const keyed of [false, true]) {
      for (const holes of ['none', 'some'] as const) {
        const made: Made = {
          seed: 1,
          rows,
          values: 'constant',
          holes,
          gaps: 'nulls',
          steps: 'even',
          keys: 1,
          run: 1,
          late: 0,
        };
        const columns = { ...columnsOf(made, 'Float64'), key: all.map(() => 'k0') };
        const call: Call = {
          statistic: 'ema',
          readout: 'raw',
          bias: false,
          options: { decay },
          keyed,
          timed: false,
          weighed: false,
        };
        const shape: Shape = {
          float: 'Float64',
          keys: 'Int32, one for all',
          before: 1,
          behind: 0,
          stamp: 'ms',
          bitmap: false,
        };
        const [x] = byBatches(call, batchesOf(columns, [11, 20_003], shape)).outs;
        expect(x!.slice(50_000).filter((cell) => cell !== null && cell !== 0.1)).toEqual([]);
      }
    }
  },
);

const forgetful: [string, Options, boolean][] = [
  ['alpha 1', { alpha: 1 }, false],
  ...['sample', 'next', 'last'].map((hold): [string, Options, boolean] => [
    `hold '${hold}' after pauses of many half-lives`,
    { halfLifeMs: 1e-9, hold },
    true,
  ]),
];

it.each(forgetful)('%s remembers nothing: what counts comes out as it is', (_, options, timed) => {
  const calls = fc.record({ keyed: fc.boolean(), readout: readouts }).map(({ keyed, readout }): Call => ({
    statistic: 'ema',
    readout,
    bias: false,
    options,
    keyed,
    timed,
    weighed: false,
  }));
  const some = cases(calls, { ...MORE, float: fc.constant('Float64'), rows: SHORT, late: fc.constant(0) });
  holds(
    fc.property(some, ({ call, made, shape, cuts }) => {
      const columns = columnsOf({ ...made, steps: 'even', holes: 'none' }, 'Float64');
      const one = { ...call, options }; // no key is ever idle
      const want =
        options['hold'] === 'last' ? [columns.x, columns.y].map((column) => before(column, columns, call)) : 0;
      expect(byBatches(one, batchesOf(columns, cuts, shape)).outs).toEqual(want || [columns.x, columns.y]);
      expect(byRecords(one, columns).outs).toEqual(want || [columns.x, columns.y]);
    }),
    40,
  );
});

/** The value before each one of its key; of the first, itself. */
function before(column: readonly Cell[], { key }: Columns, { keyed }: Call): Cell[] {
  const newest = new Map<string | null, Cell>();
  return column.map((x, row) => {
    if (x === null) return x;
    const whose = keyed ? key[row]! : '';
    const had = newest.has(whose) ? newest.get(whose)! : x;
    newest.set(whose, x);
    return had;
  });
}
