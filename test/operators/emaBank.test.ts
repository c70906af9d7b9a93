import { Field, Float32, Float64, makeData, RecordBatch, Schema, Struct, Utf8, vectorFromArray } from 'apache-arrow';
import * as fc from 'fast-check';
import { biasCorrected, emaBank, emaScan, type BankOptions } from 'rx-ema';
import { from, lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { BankEngine } from '../../src/bankEngine.js';
import { resolveBank } from '../../src/bankOptions.js';
import { holds } from '../holds.js';
import { refusal, refusalOf } from '../refusal.js';
import {
  batchesOf,
  cellsOf,
  columnsOf,
  FLOATS,
  GAPS,
  HOLES,
  VALUES,
  type Cell,
  type FloatName,
  type Made,
  type Shape,
} from '../support/columns.js';
import { closeTo } from './marbles.js';

const all = <T>(stream: Observable<T>): Promise<T[]> => lastValueFrom(stream.pipe(toArray()), { defaultValue: [] });

/** What the operator emits for values that come at once. */
function banked(xs: readonly (number | null | undefined)[], decays: readonly number[]): number[][] {
  const rows: number[][] = [];
  from(xs)
    .pipe(emaBank({ decays }))
    .subscribe((row) => rows.push([...row]));
  return rows;
}

it('emits an array per value, in the order given', () => {
  new TestScheduler(closeTo({ rtol: 1e-12 })).run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('  --a--b--|', { a: 2, b: 4 });
    const subs = '        ^-------!';
    const expected = '    --x--y--|';
    const bank = source.pipe(emaBank({ decays: [0.5, 0] }));
    expectObservable(bank).toBe(expected, { x: Float64Array.of(2, 2), y: Float64Array.of(10 / 3, 4) });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

it('equals emaScan and biasCorrected at each horizon, bit for bit, before and after they settle', async () => {
  const decays = [0.999, 0, 0.5, 0.9, 0.999999];
  const xs = Array.from({ length: 60_000 }, (_, i) => 1e6 * Math.sin(i * i));
  const want = await Promise.all(decays.map((decay) => all(from(xs).pipe(emaScan({ decay }), biasCorrected()))));
  let different = 0;
  banked(xs, decays).forEach((row, i) => row.forEach((y, k) => (different += Object.is(y, want[k]![i]) ? 0 : 1)));
  expect(different).toBe(0);
});

it('equals them for any values, half-lives and gaps', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(null, undefined, NaN));
  const halfLife = fc.double({ min: 0, minExcluded: true, max: 1e300, noNaN: true });
  holds(
    fc.property(fc.array(value), fc.array(halfLife, { minLength: 1, maxLength: 9 }), (xs, halfLives) => {
      const want = halfLives.map((one) => {
        const outs: number[] = [];
        const single = from(xs).pipe(emaScan<number | null | undefined>({ halfLife: one }), biasCorrected());
        single.subscribe((y) => outs.push(Number.isFinite(y) ? y! : NaN)); // skipped: comes out as it came in
        return outs;
      });
      const got: Float64Array[] = [];
      from(xs)
        .pipe(emaBank({ halfLives }))
        .subscribe((row) => got.push(row));
      expect(got.map((row) => [...row])).toEqual(xs.map((_, i) => want.map((outs) => outs[i]!)));
    }),
  );
});

it('keeps a constant exactly constant, at any horizon', () => {
  const decays = [0, 0.1, 0.9, 0.99, 0.999999];
  expect(banked(Array<number>(5_000).fill(0.1), decays).every((row) => row.every((y) => y === 0.1))).toBe(true);
});

it('gives NaN at every horizon for what is missing, and takes no step', () => {
  const rows = banked([4, null, undefined, NaN, Infinity, -Infinity, 8], [0, 0.5]);
  const none = [NaN, NaN];
  expect(rows).toEqual([[4, 4], none, none, none, none, none, [8, expect.closeTo(20 / 3, 14)]]);
  expect(banked([NaN, 3], [0.5])).toEqual([[NaN], [3]]);
});

it('bridges values whose difference overflows', () => {
  const [, row] = banked([1.5e308, -1.5e308], [0.5]);
  expect(row![0]).toBeCloseTo(-0.5e308, -296);
});

it('emits arrays of their own', async () => {
  const rows = await all(of(1, 2, 3).pipe(emaBank({ decays: [0.5] })));
  const later = rows[2]![0];
  rows[0]![0] = 99;
  expect([rows[1]![0], rows[2]![0]]).toEqual([expect.closeTo(5 / 3, 14), later]);
  expect(new Set(rows.map(({ buffer }) => buffer)).size).toBe(3);
});

it('keeps the rates it was built with', async () => {
  const decays = [0.5];
  const bank = emaBank<number>({ decays });
  decays[0] = 0;
  expect(await all(of(3, 6).pipe(bank))).toEqual([Float64Array.of(3), Float64Array.of(5)]);
});

it.each([
  [undefined, 'DECAY_CHOICE', 'like { decay'],
  [{}, 'DECAY_CHOICE', 'exactly one of decays, halfLives, got none'],
  [{ decays: [0.5], halfLives: [2] }, 'DECAY_CHOICE', 'got decays and halfLives'],
  [{ decay: [0.5] }, 'OPTION_UNKNOWN', "did you mean 'decays'"],
  [{ decays: 0.5 }, 'OPTION_VALUE', 'a list of at least one number, got 0.5'],
  [{ halfLives: [] }, 'OPTION_VALUE', 'a list of at least one number, got []'],
  [{ decays: [0.5, 1] }, 'DECAY_RANGE', 'decays[1] must be in [0, 1), got 1'],
  [{ decays: [-0.1] }, 'DECAY_RANGE', 'got -0.1'],
  [{ decays: [NaN] }, 'DECAY_RANGE', 'got NaN'],
  // oxlint-disable-next-line no-sparse-arrays -- a hole is no decay
  [{ decays: [0.5, , 0.5] }, 'DECAY_RANGE', 'decays[1] must be in [0, 1), got undefined'],
  [{ decays: [() => 0.5] }, 'DECAY_RANGE', 'got a function'],
  [{ halfLives: [1, 0] }, 'DECAY_RANGE', 'halfLives[1] must be > 0 steps and finite, got 0'],
  [{ halfLives: [Infinity] }, 'DECAY_RANGE', 'got Infinity'],
  [{ halfLives: ['3'] }, 'DECAY_RANGE', "got '3'"],
  [{ decays: [0.5], columns: [] }, 'OPTION_VALUE', 'columns must be a list of different names, got []'],
  [{ decays: [0.5], columns: ['x', 'x'] }, 'OPTION_VALUE', 'columns must be a list of different names'],
  [{ decays: [0.5], as: 'x' }, 'OPTION_VALUE', "as must be a function, got 'x'"],
  [{ decays: [0.5], by: 'x' }, 'OPTION_UNKNOWN', "got 'by'"],
])('refuses %j when the pipe is built', (options, code, words) => {
  const refused = refusal(() => emaBank(options as never));
  expect(refused.code).toBe(code);
  expect(refused.message).toContain(words);
});

// ---- batches -------------------------------------------------------------------------------------------------------

const all12 = Array.from({ length: 12 }, (_, i) => 0.98 * 0.8 ** i);
const batched = (batches: readonly RecordBatch[], options: BankOptions<RecordBatch>): RecordBatch[] => {
  const outs: RecordBatch[] = [];
  from(batches)
    .pipe(emaBank<RecordBatch>(options))
    .subscribe((out) => outs.push(out));
  return outs;
};

/** Batches with a column for each of these, of text if its cells are. */
const batchOf = (columns: Readonly<Record<string, readonly (Cell | string)[]>>, nullable = true): RecordBatch => {
  const datas = Object.values(columns).map(
    (cells) => vectorFromArray([...cells], typeof cells[0] === 'string' ? new Utf8() : new Float64()).data[0]!,
  );
  const fields = Object.keys(columns).map((name, i) => new Field(name, datas[i]!.type, nullable));
  const length = datas[0]!.length;
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length, nullCount: 0, children: datas }),
  );
};
const names = ({ schema }: RecordBatch): string[] => schema.fields.map(({ name }) => name);

/** Missing alike, and within 8 eps of the largest value, and then rounded to the column's type. */
function expectClose(got: readonly Cell[], want: readonly Cell[], xs: readonly Cell[], float: FloatName): void {
  const { eps, least } = FLOATS[float];
  const largest = xs.reduce<number>((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x!)) : most), 0);
  const far = got.findIndex((one, i) => {
    const exact = want[i]!;
    if (one === null || !Number.isFinite(exact)) return !Object.is(one, exact);
    const off = Math.abs(one - exact);
    const rounding = float === 'Float64' ? 0 : eps * Math.abs(exact) + least;
    return !(off <= 8 * Math.max(Number.EPSILON * largest, 4 * Number.MIN_VALUE) + rounding);
  });
  expect(got.length).toBe(want.length);
  expect(far < 0 ? 'close' : `row ${far}: ${got[far]} for ${want[far]}`).toBe('close');
}

/** The same as of emaScan and biasCorrected at each horizon, by columns of the same batches. */
function expectSame(made: Made, shape: Shape, decays: readonly number[], cuts: readonly number[]): void {
  const columns = columnsOf(made, shape.float);
  const batches = batchesOf(columns, cuts, shape);
  const got = batched(batches, { decays, columns: ['x', 'y'] });
  for (const one of decays) {
    const want: RecordBatch[] = [];
    from(batches)
      .pipe(emaScan({ decay: one, columns: ['x', 'y'], as: (name) => `${name}_ema_${one}` }), biasCorrected())
      .subscribe((out) => want.push(out));
    for (const name of ['x', 'y'] as const) {
      const own = `${name}_ema_${one}`;
      expectClose(cellsOf(got, own), cellsOf(want, own), columns[name], shape.float);
      const [had, has] = [want, got].map((outs) => outs.map((out) => out.getChild(own)!.nullCount));
      expect(has).toEqual(had);
    }
  }
  expect(cellsOf(got, 'x')).toEqual(cellsOf(batches, 'x'));
}

describe('of batches', () => {
  it('equals emaScan and biasCorrected at each horizon within 8 eps, however the rows are cut, with what is missing', () => {
    const made = fc.record({
      seed: fc.nat(),
      rows: fc.oneof(fc.nat(40), fc.integer({ min: 4_000, max: 10_000 })),
      values: fc.constantFrom(...(Object.keys(VALUES) as (keyof typeof VALUES)[])),
      holes: fc.constantFrom(...(Object.keys(HOLES) as (keyof typeof HOLES)[])),
      gaps: fc.constantFrom(...(Object.keys(GAPS) as (keyof typeof GAPS)[])),
      steps: fc.constant('even' as const),
      keys: fc.constant(1),
      run: fc.constant(1),
      late: fc.constant(0),
    });
    const shape = fc.record({
      float: fc.constantFrom(...(Object.keys(FLOATS) as FloatName[])),
      keys: fc.constant('Utf8'),
      before: fc.constantFrom(0, 1, 13),
      behind: fc.constantFrom(0, 3),
      stamp: fc.constant('ms' as const),
      bitmap: fc.boolean(),
    });
    const decay = fc.constantFrom(0, 0.1, 0.5, 0.75, 0.9, 0.97, 0.999, 1 - 2 ** -53);
    const decays = fc.uniqueArray(decay, { minLength: 1, maxLength: 8 });
    const cuts = fc.array(fc.nat(10_000), { maxLength: 4 });
    holds(fc.property(made, shape, decays, cuts, expectSame), 80);
  });

  it.each(
    (Object.keys(FLOATS) as FloatName[]).flatMap((float) =>
      (['none', 'some'] as const).map((holes) => [float, holes] as const),
    ),
  )('equals them once twelve horizons have settled, of %s with holes: %s', (float, holes) => {
    const made = {
      seed: 5,
      rows: 9_001,
      values: 'noise',
      gaps: 'nulls',
      steps: 'even',
      keys: 1,
      run: 1,
      late: 0,
    } as const;
    const shape = { float, keys: 'Utf8', before: 3, behind: 0, stamp: 'ms', bitmap: false } as const;
    expectSame({ ...made, holes }, shape, all12, [4_501]);
  });

  it('gives the values themselves at a decay of 0, to the last bit', () => {
    const xs = Array.from({ length: 999 }, (_, i) => 10 ** ((i * i) % 17) / 3);
    const batch = batchOf({ x: xs });
    const outs = batched([batch, batch], { decays: [0, ...all12.slice(-7)] }); // all settled in the second
    expect(cellsOf(outs, 'x_ema_0')).toEqual([...xs, ...xs]);
  });

  it('keeps a constant exactly constant at any horizon', () => {
    const decays = [0, ...all12];
    const outs = batched(
      [1, 2, 3].map(() => batchOf({ x: Array<number>(5_001).fill(0.1) })),
      { decays },
    );
    for (const one of decays) expect(new Set(cellsOf(outs, `x_ema_${one}`))).toEqual(new Set([0.1]));
  });

  it('appends all horizons of the first column, then those of the second, by the numbers given', () => {
    const batch = batchOf({ t: ['a', 'b'], x: [1, 2], y: [3, 4] });
    const appended = ['x_ema_2', 'x_ema_0.5', 'y_ema_2', 'y_ema_0.5'];
    expect(names(batched([batch], { halfLives: [2, 0.5] })[0]!)).toEqual(['t', 'x', 'y', ...appended]);
    const named = { columns: ['y'], as: (column: string, horizon: number) => `${horizon}/${column}` };
    const [out] = batched([batch], { decays: [0.5, 0], ...named });
    expect(names(out!)).toEqual(['t', 'x', 'y', '0.5/y', '0/y']);
    expect(out!.toArray().map(String)).toEqual([
      '{"t": "a", "x": 1, "y": 3, "0.5/y": 3, "0/y": 3}',
      '{"t": "b", "x": 2, "y": 4, "0.5/y": 3.6666666666666665, "0/y": 4}',
    ]);
  });

  it('appends columns of the type, nullability and metadata of theirs', () => {
    const fields = [
      new Field('single', new Float32(), false, new Map([['unit', 's']])),
      new Field('double', new Float64(), true),
    ];
    const children = fields.map(({ type }) => vectorFromArray([1, 2], type).data[0]!);
    const schema = new Schema(fields, new Map([['made', 'here']]));
    const data = makeData({ type: new Struct(fields), length: 2, nullCount: 0, children });
    const [out] = batched([new RecordBatch(schema, data)], { decays: [0.5, 0.9] });
    const told = out!.schema.fields.map(({ type, nullable, metadata }) => [String(type), nullable, [...metadata]]);
    const [single, double] = [
      ['Float32', false, [['unit', 's']]],
      ['Float64', true, []],
    ];
    expect(told).toEqual([single, double, single, single, double, double]);
    expect([...out!.schema.metadata]).toEqual([['made', 'here']]);
  });

  it('emits memory of its own, also for what is null', () => {
    const batch = batchOf({ x: [1, null, 3] });
    const outs = batched([batch, batch], { decays: [0.1, 0.2, 0.3] });
    const buffers = [batch, ...outs].flatMap(({ data }) =>
      data.children
        .slice(data.children.length > 1 ? 1 : 0)
        .flatMap(({ values, nullBitmap }) => [(values as Float64Array).buffer, nullBitmap.buffer]),
    );
    expect(new Set(buffers).size).toBe(buffers.length);
  });

  it('gives an array of NaN for a batch that is missing, which is no step', () => {
    const engine = new BankEngine(resolveBank({ decays: [0, 0.5] }));
    const update = (value: unknown) => engine.update(value);
    expect(update(null)).toEqual(Float64Array.of(NaN, NaN));
    update(batchOf({ x: [2] }));
    expect(update(undefined)).toEqual(Float64Array.of(NaN, NaN));
    expect(cellsOf([update(batchOf({ x: [4] })) as unknown as RecordBatch], 'x_ema_0.5')).toEqual([
      expect.closeTo(10 / 3, 14),
    ]);
  });

  it.each<[string, object, Readonly<Record<string, readonly (Cell | string)[]>>, string]>([
    ['a name that is there', { decays: [0.5] }, { x: [1], 'x_ema_0.5': ['a'] }, 'COLUMN_COLLISION'],
    ['a horizon twice', { decays: [0.5, 0.5] }, { x: [1] }, 'COLUMN_COLLISION'],
    ['one name for all horizons', { decays: [0.5, 0], as: (c: string) => `${c}_` }, { x: [1] }, 'COLUMN_COLLISION'],
    ['a name that is no text', { decays: [0.5], as: () => 1 }, { x: [1] }, 'COLUMN_COLLISION'],
    ['a column that is not there', { decays: [0.5], columns: ['z'] }, { x: [1] }, 'COLUMN_MISSING'],
    ['no floating column', { decays: [0.5] }, { t: ['a'] }, 'COLUMN_MISSING'],
    ['a column of text', { decays: [0.5], columns: ['t'] }, { t: ['a'] }, 'COLUMN_TYPE'],
  ])('refuses %s', async (_, options, columns, code) => {
    const refused = await refusalOf(of(batchOf(columns)).pipe(emaBank(options as BankOptions<RecordBatch>)));
    expect(refused.code).toBe(code);
  });

  it.each<[string, (throwing: { now: boolean }) => BankOptions<RecordBatch>, unknown, RegExp]>([
    ['another schema', () => ({ decays: all12 }), batchOf({ x: [7, 7], z: [7, 7] }), /columns must be x: Float64, y/],
    ['a column short', () => ({ decays: all12, columns: ['x', 'y'] }), batchOf({ x: [7] }), /must be among x, got 'y'/],
    ['a taken name', () => ({ decays: [0.5, 0] }), batchOf({ x: [7], y: [7], y_ema_0: ['a'] }), /new names/],
    [
      'a function of names that throws',
      (throwing) => ({
        decays: all12,
        as(column, horizon) {
          if (throwing.now && column === 'y') throw new RangeError('of the function');
          return `${column}_${horizon}`;
        },
      }),
      batchOf({ x: [7], y: [7] }, false),
      /of the function/,
    ],
    ['a number', () => ({ decays: all12 }), 7, /must be a RecordBatch, as the first one was, got 7/],
  ])('refuses %s later on, with nothing changed at any horizon', (_, options, bad, words) => {
    const throwing = { now: false };
    const [tried, plain] = [0, 1].map(() => new BankEngine(resolveBank(options(throwing))));
    const [first, second] = [batchOf({ x: [1, 2], y: [3, null] }), batchOf({ x: [5], y: [6] })];
    for (const engine of [tried!, plain!]) engine.update(first);
    throwing.now = true;
    expect(() => tried!.update(bad)).toThrow(words);
    throwing.now = false;
    const [got, want] = [tried!, plain!].map((engine) =>
      (engine.update(second) as unknown as RecordBatch).toArray().map(String),
    );
    expect(got).toEqual(want);
  });

  it('begins with what comes first that can be taken', () => {
    const engine = new BankEngine(resolveBank({ decays: [0.5] }));
    expect(refusal(() => engine.update(batchOf({ t: ['a'] }))).code).toBe('COLUMN_MISSING');
    expect(engine.update(3)).toEqual(Float64Array.of(3));
  });
});

it.each<[string, readonly unknown[]]>([
  ['what is neither a number nor a batch', [[2]]],
  ['that behind a number', [1, [2]]],
  ['a batch behind a number', [NaN, batchOf({ x: [1] })]],
  ['a number behind a batch', [batchOf({ x: [1] }), 1]],
])('refuses %s', async (_, values) => {
  const { code } = await refusalOf(from(values).pipe(emaBank({ decays: [0.5] }) as never));
  expect(code).toBe('VALUE_KIND');
});
