import * as fc from 'fast-check';
import {
  biasCorrected,
  Ema,
  emaScan,
  ModelEma,
  modelEma,
  rampDecay,
  warmupDecay,
  type EmaOptions,
  type ModelEmaOptions,
  type Snapshot,
} from 'rx-ema';
import { Subject, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import { held } from './refusal.js';

// ---- what the laws know of a kind of value ----------------------------------------------------------------------------

/** One element of a value: a number, or what stands for a missing one. */
export type Cell = number | null | undefined | 'absent';
export type Readout = 'raw' | 'corrected';
/** Any options; each engine takes the ones it has. */
export type Options = Readonly<Record<string, unknown>>;

/** A value that must be refused, made anew for each use, and the code of the refusal. */
export type Misfit = readonly [what: string, make: () => unknown, code: string];

/** A kind of value, as a row of elements. */
export interface Kind {
  readonly name: string;
  /** Elements of a value. */
  readonly width: number;
  /** Cells that are missing in this kind. */
  readonly holes: readonly Cell[];
  /** Nothing is known of a value that is missing as a whole. */
  readonly wholes?: false;
  /** What stands where nothing has come out yet, as under `{ sma }`. */
  readonly notYet?: null;
  /** The spacing of its floats at 1: results are good to a few of them. 0 where the arithmetic is that of numbers. */
  readonly eps: number;
  /** The nearest number that an element can hold. */
  round(x: number): number;
  of(cells: readonly Cell[]): unknown;
  cells(value: unknown): Cell[];
  /** Releases a value that is ours. */
  free(value: unknown): void;
  engine(options: Options, from?: Snapshot): Engine;
  /** Options of every way to start, to treat what is missing, to age, that the engine has. */
  readonly choices: readonly Options[];
  /** Steps of the longest stream tried. */
  readonly longest: number;
  /** Refused after good values. */
  readonly misfits: readonly Misfit[];
  /** Refused as the first value. */
  readonly strangers: readonly Misfit[];
}

/** An `Ema` or a `ModelEma` behind its operator. */
export interface Engine {
  snapshot(): Snapshot;
  dispose(): void;
  stream(source: Observable<unknown>, readout: Readout): Observable<unknown>;
}

/** Behind `emaScan`, emitting copies. */
export function emaEngine(options: Options, from?: Snapshot): Engine {
  const ema = new Ema<unknown>({ emit: 'copy', ...options } as unknown as EmaOptions<unknown>, from);
  return {
    snapshot: () => ema.snapshot(),
    dispose: () => ema.dispose(),
    stream: (source, readout) =>
      readout === 'raw' ? source.pipe(emaScan(ema)) : source.pipe(emaScan(ema), biasCorrected()),
  };
}

/** Behind `modelEma`, emitting copies. */
export function modelEngine(options: Options, from?: Snapshot): Engine {
  const ema = new ModelEma<unknown>({ emit: 'copy', ...options } as unknown as ModelEmaOptions<unknown>, from);
  return {
    snapshot: () => ema.snapshot(),
    dispose: () => ema.dispose(),
    stream: (source, readout) => {
      const weights$ = source as Observable<Record<string, unknown>>;
      return readout === 'raw' ? weights$.pipe(modelEma(ema)) : weights$.pipe(modelEma(ema), biasCorrected());
    },
  };
}

/** Stands for `{ value }` with a value of the kind. */
export const START = { seed: 'the first row' };

/** Every combination of what `Ema` can be told about starts, missing values and ageing. */
export const EMA_CHOICES: readonly Options[] = ['skip', 'carry', 'throw', 'propagate'].flatMap((missing) =>
  [false, true].flatMap((ages) => ['zero', 'first', { sma: 3 }, START].map((start) => ({ missing, ages, start }))),
);
export const MODEL_CHOICES: readonly Options[] = ['skip', 'throw', 'propagate'].map((missing) => ({ missing }));

/** Ways to forget, all six and schedules. */
const RATES: readonly Options[] = [
  { decay: 0.9 },
  { decay: 0 },
  { decay: 0.999999 },
  { alpha: 1 / 3 },
  { alpha: 1e-12 },
  { alpha: 1 },
  { tau: 1e6 },
  { halfLife: 7 },
  { decay: rampDecay({ decay: 0.9999, tau: 20 }) },
  { decay: warmupDecay({ decay: 0.99, startAfter: 2 }) },
  { alpha: ({ step }: { step: number }) => 1 / step },
  { decay: ({ step }: { step: number }) => (step % 3 === 2 ? 1 : 0.5) },
];
/** Of these, those that a long stream could drift under. */
const LONG_RATES = [RATES[2]!, RATES[3]!, RATES[10]!];
/** Those that weights do not have. */
const EMA_RATES: readonly Options[] = [{ span: 19 }, { com: 2.5 }];

const ratesOf = (kind: Kind): readonly Options[] => (isModel(kind) ? RATES : [...RATES, ...EMA_RATES]);
/** True if a value that is missing as a whole stands for one whose elements are. */
const hasWholes = (kind: Kind): boolean => !isModel(kind) && !kind.name.includes('batch') && kind.wholes !== false;
const isModel = (kind: Kind): boolean => kind.choices === MODEL_CHOICES;

/** `start: START` becomes a seed of the kind. */
function resolved(kind: Kind, options: Options, seed: readonly Cell[]): Options {
  return options['start'] === START ? { ...options, start: { value: kind.of(seed) } } : options;
}

// ---- a stream, value by value -----------------------------------------------------------------------------------------

/** A live subscription, driven by hand. */
export interface Drive {
  readonly engine: Engine;
  /** What comes out for one value; throws the error that it ended the stream with, and subscribes again. */
  take(value: unknown): unknown;
  /** The same as cells, releasing what came out. A row of null is a whole value missing. */
  row(cells: readonly Cell[] | null): Cell[];
  end(): void;
}

export function drive(kind: Kind, options: Options, readout: Readout, from?: Snapshot): Drive {
  const engine = kind.engine(options, from);
  let [out, failure]: unknown[] = [];
  let source = new Subject<unknown>();
  const listen = (): void => {
    source = new Subject();
    engine.stream(source, readout).subscribe({ next: (value) => (out = value), error: (error) => (failure = error) });
  };
  const take = (value: unknown): unknown => {
    source.next(value);
    if (failure === undefined) return out;
    const error = failure;
    failure = undefined;
    listen();
    throw error;
  };
  const row = (cells: readonly Cell[] | null): Cell[] => {
    const value = cells === null ? null : kind.of(cells);
    const emitted = take(value);
    const read = emitted === null ? Array.from({ length: kind.width }, () => null) : kind.cells(emitted);
    if (emitted !== null) kind.free(emitted);
    if (value !== null) kind.free(value);
    return read;
  };
  listen();
  return {
    engine,
    take,
    row,
    end: () => {
      source.complete();
      engine.dispose();
    },
  };
}

const same = (a: Cell, b: Cell): boolean => Object.is(a, b);
const isMissing = (cell: Cell): boolean => typeof cell !== 'number' || !Number.isFinite(cell);

// ---- the laws ---------------------------------------------------------------------------------------------------------

/** What every kind of value owes. */
export function laws(kind: Kind): void {
  describe(`the laws of ${kind.name}`, () => {
    constantsStayExact(kind);
    emissionsStay(kind);
    misfitsChangeNothing(kind);
    resumesBitForBit(kind);
    survivesWhatIsMissing(kind);
    if (isModel(kind)) {
      shadowsAreNumberStreams(kind);
    } else {
      rawIsWeighedCorrected(kind);
      elementsAreNumberStreams(kind);
    }
  });
}

/** Constants worth trying, as far as the kind can hold them. */
function constants(kind: Kind): number[] {
  const all = [0.1, -1 / 3, 1e300, 65504, 5e-324, 6e-8, 0].map((x) => kind.round(x)).filter(Number.isFinite);
  return Array.from({ length: kind.width }, (_, i) => all[i % all.length]!);
}

/** Positions of a stream with holes: an element, all elements, the whole value. */
function holed(kind: Kind, row: readonly Cell[], t: number): readonly Cell[] | null {
  const [hole] = kind.holes;
  if (t === 9 && hasWholes(kind)) return null;
  if (kind.holes.length === 0) return row;
  if (t % 4 === 2) return row.map((cell, i) => (i === t % kind.width ? hole : cell));
  return t === 7 ? row.map(() => hole) : row;
}

function constantsStayExact(kind: Kind): void {
  it.each(ratesOf(kind))('a constant comes out exactly, however it starts and whatever is missing: %o', (rate) => {
    const row = constants(kind);
    const wrong: unknown[] = [];
    for (const choice of kind.choices) {
      const seeded = !isModel(kind) && choice['start'] !== 'zero';
      const holes = choice['missing'] === 'skip' || choice['missing'] === 'carry';
      const stream = drive(kind, resolved(kind, { ...rate, ...choice }, row), seeded ? 'raw' : 'corrected');
      for (let t = 0; t < 14; t++) {
        const given = holes ? holed(kind, row, t) : row;
        stream.row(given).forEach((cell, i) => {
          if (!same(cell, row[i]) && !(mayBeMissing(choice, t, given?.[i]) && isMissing(cell))) {
            wrong.push({ ...choice, t, i, cell, constant: row[i] });
          }
        });
      }
      stream.end();
    }
    expect(wrong).toEqual([]);
  });

  const lengths = [1, 2, 3, 10, 1e3, 1e4, 1e5, 1e6].filter((length) => length <= kind.longest);
  it(`a constant comes out exactly at lengths ${lengths.join(', ')}`, () => {
    const wrong: unknown[] = [];
    const row = constants(kind);
    const value = kind.of(row);
    for (const rate of LONG_RATES) {
      const stream = drive(kind, rate, 'corrected');
      for (let t = 1; t <= kind.longest; t++) {
        const out = stream.take(value);
        if (lengths.includes(t) || t % 1000 === 0) {
          const cells = kind.cells(out);
          // a schedule may begin frozen: then nothing has come in yet
          if (!cells.every((cell, i) => same(cell, row[i]))) wrong.push({ rate, t, cells });
        }
        kind.free(out);
      }
      stream.end();
    }
    kind.free(value);
    expect(wrong).toEqual([]);
  });
}

/** What comes in missing may come out so, as may what is "not yet". */
function mayBeMissing({ missing, start }: Options, t: number, given: Cell): boolean {
  const early = typeof start === 'object' && start !== START && t < 6; // fewer than three values so far
  return early || (isMissing(given) && (missing !== 'carry' || t === 0));
}

function emissionsStay(kind: Kind): void {
  it.each(['raw', 'corrected'] as const)(
    'what was emitted never changes later, nor does what came in (%s)',
    (readout) => {
      const stream = drive(kind, { decay: 0.5 }, readout);
      const rows = Array.from({ length: 8 }, (_, t) =>
        holed(
          kind,
          Array.from({ length: kind.width }, (_, i) => t + i),
          t,
        )!,
      );
      const values = rows.map((row) => kind.of(row));
      const emitted = values.map((value) => {
        const out = stream.take(value);
        return { out, cells: kind.cells(out) };
      });
      for (const { out, cells } of emitted) expect(kind.cells(out)).toEqual(cells);
      values.forEach((value, t) => expect(kind.cells(value)).toEqual(kind.cells(kind.of(rows[t]!))));
      stream.end();
    },
  );
}

/** The code of the error that a value ends a stream with. */
function refused(stream: Drive, value: unknown): string {
  try {
    stream.take(value);
  } catch (error) {
    return held(error).code;
  }
  return 'nothing was refused';
}

function misfitsChangeNothing(kind: Kind): void {
  const rows = [1, 2, 3].map((x) => Array.from({ length: kind.width }, (_, i) => x + i));
  const undisturbed = (): Cell[][] => {
    const stream = drive(kind, { decay: 0.5 }, 'corrected');
    const out = rows.map((row) => stream.row(row));
    stream.end();
    return out;
  };

  it.each(kind.misfits)(
    '%s is an error that leaves everything as it was, and the stream can go on',
    (_, make, code) => {
      const stream = drive(kind, { decay: 0.5 }, 'corrected');
      const out = rows.slice(0, 2).map((row) => stream.row(row));
      const before = stream.engine.snapshot();
      expect(refused(stream, make())).toBe(code);
      expect(stream.engine.snapshot()).toEqual(before);
      out.push(stream.row(rows[2]!));
      expect(out).toEqual(undisturbed());
      stream.end();
    },
  );

  it.each(kind.strangers)('%s as the first value is an error, and the next value is the first', (_, make, code) => {
    const stream = drive(kind, { decay: 0.5 }, 'corrected');
    const before = stream.engine.snapshot();
    expect(refused(stream, make())).toBe(code);
    expect(stream.engine.snapshot()).toEqual(before);
    expect(rows.map((row) => stream.row(row))).toEqual(undisturbed());
    stream.end();
  });

  it.each([1.2, -0.1, NaN, Infinity, '0.5', undefined, null])(
    'a schedule that returns %o is an error that leaves everything as it was',
    (returned) => {
      for (const at of [1, 2, 3]) {
        let faults = 1;
        const decay = ({ step }: { step: number }): unknown => (step === at && faults-- > 0 ? returned : 0.5);
        const stream = drive(kind, { decay }, 'corrected');
        const out = rows.slice(0, at - 1).map((row) => stream.row(row));
        const before = stream.engine.snapshot();
        const value = kind.of(rows[at - 1]!);
        expect(refused(stream, value)).toBe('SCHEDULE_RANGE');
        kind.free(value);
        expect(stream.engine.snapshot()).toEqual(before);
        out.push(...rows.slice(at - 1).map((row) => stream.row(row)));
        expect(out).toEqual(undisturbed());
        stream.end();
      }
    },
  );

  if (kind.holes.length === 0) return;
  it("a missing element under missing: 'throw' is an error that leaves everything as it was", () => {
    for (const hole of kind.holes) {
      const stream = drive(kind, { decay: 0.5, missing: 'throw' }, 'corrected');
      const out = rows.slice(0, 2).map((row) => stream.row(row));
      const before = stream.engine.snapshot();
      const value = kind.of(rows[2]!.map((x, i) => (i === kind.width - 1 ? hole : x)));
      expect(refused(stream, value)).toBe('MISSING_VALUE');
      kind.free(value);
      expect(stream.engine.snapshot()).toEqual(before);
      out.push(stream.row(rows[2]!));
      expect(out).toEqual(undisturbed());
      stream.end();
    }
  });
}

/** Rows of ordinary size, with holes, and now and then a whole value missing. */
function streams(kind: Kind, maxLength = 12): fc.Arbitrary<(Cell[] | null)[]> {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => kind.round(x));
  const cell: fc.Arbitrary<Cell> =
    kind.holes.length === 0
      ? number
      : fc.oneof({ weight: 3, arbitrary: number }, { weight: 1, arbitrary: fc.constantFrom(...kind.holes) });
  const row = fc.array(cell, { minLength: kind.width, maxLength: kind.width });
  const gaps = hasWholes(kind) ? 1 : 0;
  return fc.array(fc.oneof({ weight: 8, arbitrary: row }, { weight: gaps, arbitrary: fc.constant(null) }), {
    minLength: 1,
    maxLength,
  });
}

/** Everything but 'throw', which ends at the first hole. */
const settings = (kind: Kind): fc.Arbitrary<Options> =>
  fc
    .record({
      rate: fc.constantFrom(...ratesOf(kind)),
      choice: fc.constantFrom(...kind.choices.filter(({ missing }) => missing !== 'throw')),
    })
    .map(({ rate, choice }) => ({ ...rate, ...choice }));

const readouts = fc.constantFrom<Readout>('raw', 'corrected');
const seedOf = (kind: Kind): number[] => Array.from({ length: kind.width }, (_, i) => kind.round(i - 0.7));

function resumesBitForBit(kind: Kind): void {
  it('save and load at any point changes nothing: what follows is the same, bit for bit', () => {
    holds(
      fc.property(settings(kind), streams(kind), readouts, fc.nat(12), (chosen, rows, readout, at) => {
        const cut = Math.min(at, rows.length);
        const options = resolved(kind, chosen, seedOf(kind));
        const through = drive(kind, options, readout);
        const first = drive(kind, options, readout);
        const want = rows.map((row) => through.row(row));
        const got = rows.slice(0, cut).map((row) => first.row(row));
        const saved = structuredClone(first.engine.snapshot());
        const second = drive(kind, options, readout, { ...saved, scalars: JSON.parse(JSON.stringify(saved.scalars)) });
        first.end();
        got.push(...rows.slice(cut).map((row) => second.row(row)));
        rows.forEach((row, t) => {
          // carried over a whole value: of what never came out, a record knows no more than that it is missing
          const known = (cell: Cell): Cell => (row === null && isMissing(cell) ? null : cell);
          expect(got[t]!.map(known)).toEqual(want[t]!.map(known));
        });
        expect(second.engine.snapshot()).toEqual(through.engine.snapshot());
        through.end();
        second.end();
      }),
      kind.longest > 1e4 ? 500 : 100,
    );
  });

  it('a snapshot is a copy: what follows does not change it, nor does it change what follows', () => {
    const rows = [1, 2, 3].map((x) => Array.from({ length: kind.width }, () => x));
    const stream = drive(kind, { decay: 0.5 }, 'corrected');
    stream.row(rows[0]!);
    const saved = stream.engine.snapshot();
    const kept = structuredClone(saved);
    const resumed = drive(kind, { decay: 0.5 }, 'corrected', saved);
    const went = rows.slice(1).map((row) => stream.row(row));
    expect(saved).toEqual(kept);
    for (const array of Object.values(saved.shadows)) (array as Float64Array).fill(0);
    expect(rows.slice(1).map((row) => resumed.row(row))).toEqual(went);
    stream.end();
    resumed.end();
  });
}

function survivesWhatIsMissing(kind: Kind): void {
  if (kind.holes.length === 0) return;
  it('NaN, infinities, null and the like never end a series', () => {
    const stream = drive(kind, { decay: 0.5 }, 'corrected');
    const twos = Array.from({ length: kind.width }, () => 2);
    for (const hole of kind.holes) stream.row(twos.map(() => hole));
    if (!isModel(kind)) stream.row(null);
    stream.row(twos);
    for (const hole of kind.holes) stream.row(twos.map(() => hole));
    expect(stream.row(twos)).toEqual(twos);
    stream.end();
  });
}

/** W by its meaning: the sum of the weights (1 − d_i) · product of the later decays. */
function weightBySum(decays: readonly number[]): number {
  return decays.reduce((sum, d, i) => sum + decays.slice(i + 1).reduce((w, later) => w * later, 1 - d), 0);
}

function rawIsWeighedCorrected(kind: Kind): void {
  it('raw = W · corrected, with W the sum of the weights', () => {
    const decays = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 12 });
    const value = fc.array(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => kind.round(x)),
      {
        minLength: kind.width,
        maxLength: kind.width,
      },
    );
    holds(
      fc.property(decays, value, (ds, row) => {
        const options = { decay: ({ step }: { step: number }) => ds[step - 1]! };
        const raw = drive(kind, options, 'raw');
        const corrected = drive(kind, options, 'corrected');
        ds.forEach((_, t) => {
          const x = row.map((cell, i) => kind.round(cell + t * i));
          const [r, c] = [raw.row(x) as number[], corrected.row(x) as number[]];
          const weight = weightBySum(ds.slice(0, t + 1));
          r.forEach((v, i) => {
            const want = weight * c[i]!;
            const rounding = (t + 4) * 2 ** -52 + 2 * kind.eps;
            expect(Math.abs(v - want)).toBeLessThanOrEqual(rounding * Math.abs(want) + kind.eps * 1e-4);
          });
        });
        raw.end();
        corrected.end();
      }),
      kind.longest > 1e4 ? 300 : 60,
    );
  });
}

/** What a stream of numbers makes of one element of every row. */
function numberStream(options: Options, column: readonly Cell[], readout: Readout): Cell[] {
  const ema = new Ema(options as unknown as EmaOptions<number>);
  return column.map((cell) => {
    const out = ema.update((cell === 'absent' ? undefined : cell) as number, readout);
    return out === undefined && cell === 'absent' ? 'absent' : out;
  });
}

/** Holds the rows that came out of a stream against a number stream for each element. */
function expectColumns(
  kind: Kind,
  { missing }: Options,
  rows: readonly (readonly Cell[] | null)[],
  got: readonly (readonly Cell[])[],
  columns: readonly (readonly Cell[])[],
): void {
  // each step rounds once to the kind's floats, and a gain below 1 does not let roundings grow
  const rounding = 2 * (rows.length + 2) * kind.eps * 1e3;
  const isStep = (cell: Cell): boolean => (missing === 'propagate' ? typeof cell === 'number' : !isMissing(cell));
  const wrong: unknown[] = [];
  columns.forEach((column, i) => {
    column.forEach((want, t) => {
      const cell = got[t]![i];
      const row = rows[t]!;
      const alike =
        same(cell, want) ||
        Math.abs((cell as number) - (want as number)) <= rounding ||
        // a whole value that is missing says nothing of its elements; an empty element of a shadow is just that
        ((row === null || isModel(kind)) && isMissing(cell) && isMissing(want)) ||
        (kind.notYet === null && cell === null && Number.isNaN(want) && isStep(row?.[i]));
      if (!alike) wrong.push({ i, t, cell, want });
    });
  });
  expect(wrong).toEqual([]);
}

function elementsAreNumberStreams(kind: Kind): void {
  it('each element equals a number stream of its own, holes, gaps and all', () => {
    holds(
      fc.property(settings(kind), streams(kind), readouts, (chosen, rows, readout) => {
        const seed = seedOf(kind);
        const stream = drive(kind, resolved(kind, chosen, seed), readout);
        const got = rows.map((row) => stream.row(row));
        stream.end();
        const columns = seed.map((value, i) => {
          const options = chosen['start'] === START ? { ...chosen, start: { value } } : chosen;
          const column = rows.map((row) => (row === null ? null : row[i]));
          return numberStream(options, column, readout);
        });
        expectColumns(kind, chosen, rows, got, columns);
      }),
      kind.longest > 1e4 ? 1000 : 150,
    );
  });
}

/** One W for the whole map: with copied first weights and a constant rate, an element is a number stream that carries. */
function shadowsAreNumberStreams(kind: Kind): void {
  it('each element of a copied shadow equals a number stream that starts at its first value and carries', () => {
    const rates = fc.constantFrom({ decay: 0.9 }, { alpha: 1 / 3 }, { halfLife: 3 }, { tau: 5 }, { decay: 0 });
    holds(
      fc.property(rates, streams(kind), (rate, rows) => {
        const stream = drive(kind, rate, 'raw');
        const got = rows.map((row) => stream.row(row));
        stream.end();
        const columns = rows[0]!.map((_, i) =>
          numberStream(
            { ...rate, start: 'first', missing: 'carry' },
            rows.map((row) => row![i]),
            'corrected',
          ),
        );
        expectColumns(kind, rate, rows, got, columns);
      }),
      kind.longest > 1e4 ? 500 : 100,
    );
  });

  it('each element of an empty-started shadow equals a corrected number stream', () => {
    const whole = { ...kind, holes: [] };
    holds(
      fc.property(fc.constantFrom(...RATES), streams({ ...whole, choices: MODEL_CHOICES }), (rate, rows) => {
        const stream = drive(kind, rate, 'corrected');
        const got = rows.map((row) => stream.row(row));
        stream.end();
        const columns = rows[0]!.map((_, i) =>
          numberStream(
            rate,
            rows.map((row) => row![i]),
            'corrected',
          ),
        );
        expectColumns(kind, rate, rows, got, columns);
      }),
      kind.longest > 1e4 ? 500 : 100,
    );
  });
}
