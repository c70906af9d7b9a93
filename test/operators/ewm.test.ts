import {
  Field,
  Float16,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  tableFromIPC,
  tableToIPC,
  Table,
  vectorFromArray,
  type DataType,
} from 'apache-arrow';
import { ewm, type Bands, type EwmOptions } from 'rx-ema';
import { from, lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { momentLaw, type Moment } from '../../src/kernels/moments.js';
import { refusalOf } from '../refusal.js';
import { directSums, type Sample } from '../support/directSums.js';

type Cell = number | null;
interface Pair {
  x?: Cell | undefined;
  y?: Cell | undefined;
  at?: number;
  key?: string;
  n?: Cell;
}

const all = <T>(values: Observable<T>): Promise<T[]> => lastValueFrom(values.pipe(toArray()));
const near = (xs: readonly Cell[]): unknown[] => xs.map((x) => (x === null ? NaN : expect.closeTo(x, 12)));
const HALF = { alpha: 0.5 } as const;

function batch(columns: Record<string, readonly Cell[]>, type: DataType = new Float64(), nullable = true): RecordBatch {
  const names = Object.keys(columns);
  const children = names.map((name) => vectorFromArray([...columns[name]!], type).data[0] ?? makeData({ type }));
  const fields = names.map((name) => new Field(name, type, nullable, new Map([['unit', 'm']])));
  const length = Object.values(columns)[0]!.length;
  const struct = makeData({ type: new Struct(fields), length, nullCount: 0, children: children as never[] });
  return new RecordBatch(new Schema(fields), struct);
}

const cells = (of: RecordBatch, name: string): Cell[] => [...of.getChild(name)!] as Cell[];
const names = ({ schema }: RecordBatch): string[] => schema.fields.map((field) => field.name);

describe('cov and corr of records', () => {
  const golden = [1, 5, 4, 2].map((x, i) => ({ x, y: [2, 1, 3, 5][i]! }));

  it('are those of pandas', async () => {
    const covs = await all(from(golden).pipe(ewm(HALF).cov('x', 'y')));
    expect(covs).toEqual([NaN, -2, expect.closeTo(-3 / 7, 14), expect.closeTo(-2.2, 14)]);
    const corrs = await all(from(golden).pipe(ewm(HALF).corr('x', 'y')));
    expect(corrs).toEqual([NaN, -1, expect.closeTo(-0.2232968783, 10), expect.closeTo(-0.7344500133, 10)]);
  });

  it('of a field and itself are its variance and 1', async () => {
    const covs = await all(from(golden).pipe(ewm(HALF).cov('y', 'y')));
    const vars = await all(from(golden).pipe(ewm<{ x: number; y: number }>({ ...HALF, columns: ['y'] }).var()));
    expect(covs).toEqual(vars.map(({ y }) => y));
    expect(await all(from(golden).pipe(ewm(HALF).corr('y', 'y')))).toEqual([NaN, ...near([1, 1, 1])]);
  });

  it('count a pair only if both are there, and repeat the last value', async () => {
    const rows: Pair[] = [
      { x: 1, y: 2 },
      { x: 5, y: 1 },
      { x: 9 },
      { y: 7, x: null },
      { x: NaN, y: 1 },
      { x: 4, y: 3 },
    ];
    const expected = directSums(
      'cov',
      rows.map(({ x, y }) => ({ x: x ?? null, y: y ?? null })),
      HALF,
    );
    expect(await all(from(rows).pipe(ewm<Pair>(HALF).cov('x', 'y')))).toEqual(near(expected));
    const skipped = await all(from(rows).pipe(ewm<Pair>({ ...HALF, missing: 'skip' }).cov('x', 'y')));
    expect(skipped).toEqual(near(expected.map((one, i) => (i > 1 && i < 5 ? null : one))));
    expect(await refusalOf(from(rows).pipe(ewm<Pair>({ ...HALF, missing: 'throw' }).cov('x', 'y')))).toMatchObject({
      code: 'MISSING_VALUE',
    });
  });

  it('let NaN and infinities through under propagate', async () => {
    const rows = [
      { x: 1, y: 2 },
      { x: Infinity, y: 3 },
      { x: 1, y: 4 },
    ];
    const out = await all(from(rows).pipe(ewm({ ...HALF, missing: 'propagate' }).cov('x', 'y', { bias: true })));
    expect(out).toEqual([0, NaN, NaN]);
  });

  it('repeat the last value for a record that is missing as a whole', async () => {
    const rows = [golden[0]!, golden[1]!, null];
    expect(await all(from(rows).pipe(ewm(HALF).cov('x', 'y')))).toEqual([NaN, -2, -2]);
  });

  it('keep a state for each key', async () => {
    const rows: Pair[] = golden.flatMap((pair) => [
      { ...pair, key: 'a' },
      { x: pair.y, y: pair.y, key: 'b' },
    ]);
    const out = await all(from(rows).pipe(ewm<Pair>({ ...HALF, by: 'key' }).corr('x', 'y')));
    expect(out.filter((_, i) => i % 2 === 0)).toEqual(await all(from(golden).pipe(ewm(HALF).corr('x', 'y'))));
    expect(out.filter((_, i) => i % 2 === 1)).toEqual([NaN, ...near([1, 1, 1])]);
  });

  it.each(['sample', 'next'] as const)('by the clock: %s', async (hold) => {
    const ats = [0, 0, 0, 500, 500, 4000, 4001, 9e6, 9e6, 9_000_100];
    const rows = ats.map((at, i) => ({ x: Math.sin(i), y: i % 4 === 2 ? null : Math.cos(3 * i), at }));
    const options: EwmOptions<Pair> = { halfLifeMs: 900, time: 'at', adjust: hold === 'sample' };
    for (const statistic of ['cov', 'corr'] as const) {
      const out = await all(from(rows as Pair[]).pipe(ewm<Pair>(options)[statistic]('x', 'y')));
      expect(out).toEqual(near(directSums(statistic, rows as Sample[], { halfLifeMs: 900, hold })));
    }
  });

  it.each([
    [0, 1, 3, 0, 2],
    [2, 0, 1],
    [0, 0, 1, 1e-9],
  ])('weighed %s, %s, %s …', async (...weights) => {
    const rows = weights.map((n, i) => ({ ...golden[i % 4]!, n }));
    const heavy = rows.map(({ n, ...pair }) => ({ ...pair, weight: n }));
    const options: EwmOptions<Pair> = { ...HALF, weight: 'n' };
    const means = await all(from(rows).pipe(ewm<Pair>({ ...options, columns: ['x'] }).mean()));
    expect(means.at(-1)!.x).toBeCloseTo(directSums('mean', heavy, HALF).at(-1)!, 12);
    const covs = await all(from(rows).pipe(ewm<Pair>(options).cov('x', 'y', { bias: true })));
    expect(covs.at(-1)).toBeCloseTo(directSums('cov', heavy, { ...HALF, bias: true }).at(-1)!, 12);
  });

  it('refuse what is no record, and what is no number', async () => {
    expect(await refusalOf(of(1).pipe(ewm(HALF).cov('x', 'y')))).toEqual({
      code: 'VALUE_KIND',
      message: 'the value must be a record or a RecordBatch (of a Table, its batches), got 1',
    });
    const rows = [{ x: 1, y: 'two' }];
    expect(await refusalOf(from(rows).pipe(ewm(HALF).corr('x', 'y')))).toEqual({
      code: 'VALUE_KIND',
      message: "field 'y' must be a number, got 'two'",
    });
  });
});

describe('cov and corr of batches', () => {
  const input = { x: [1, 5, null, 4, 2], y: [2, 1, 3, 3, 5] };

  it.each([new Float64(), new Float32(), new Float16()])('append nullable doubles to columns of %s', async (type) => {
    const [out] = (await all(of(batch(input, type, true)).pipe(ewm<RecordBatch>(HALF).cov('x', 'y')))) as [RecordBatch];
    expect(names(out)).toEqual(['x', 'y', 'x_y_cov']);
    const field = out.schema.fields[2]!;
    expect([String(field.type), field.nullable, field.metadata.size]).toEqual(['Float64', true, 0]);
    const expected = directSums(
      'cov',
      input.x.map((x, i) => ({ x, y: input.y[i]! })),
      HALF,
    );
    expect(cells(out, 'x_y_cov')).toEqual(expected.map((one) => (one === null ? null : expect.closeTo(one, 12))));
    const read = tableFromIPC(tableToIPC(new Table([out])));
    expect([...read.getChild('x_y_cov')!]).toEqual(cells(out, 'x_y_cov'));
    expect(cells(out, 'x')).toEqual(input.x);
  });

  it('come out the same however batches are cut, and of slices', async () => {
    const whole = batch(input);
    const statistic = ewm<RecordBatch>({ ...HALF, adjust: false }).corr('x', 'y');
    const [one] = await all(of(whole).pipe(statistic));
    const cut = await all(of(whole.slice(0, 1), whole.slice(1, 1), whole.slice(1, 4), whole.slice(4)).pipe(statistic));
    expect(cut.flatMap((part) => cells(part, 'x_y_corr'))).toEqual(cells(one!, 'x_y_corr'));
    for (const { schema } of cut) expect(schema.fields.map(String)).toEqual(one!.schema.fields.map(String));
  });

  it('are called what `as` says', async () => {
    const options: EwmOptions<RecordBatch> = { ...HALF, as: (column) => `${column}_ewm` };
    const [out] = await all(of(batch(input)).pipe(ewm<RecordBatch>(options).corr('x', 'y')));
    expect(names(out!).at(-1)).toBe('x_y_corr_ewm');
  });

  it('refuse a name that is taken, columns that are not there or not floating, and ones that change', async () => {
    const statistic = ewm<RecordBatch>(HALF).cov('x', 'y');
    const code = async (...batches: RecordBatch[]) => (await refusalOf(from(batches).pipe(statistic))).code;
    expect(await code(batch({ ...input, x_y_cov: input.x }))).toBe('COLUMN_COLLISION');
    expect(await code(batch({ x: input.x }))).toBe('COLUMN_MISSING');
    expect(await code(batch(input, new Int32()))).toBe('COLUMN_TYPE');
    expect(await code(batch(input), batch(input, new Float32()))).toBe('SCHEMA_CHANGED');
    expect(await code(batch(input), { x: 1, y: 2 } as never)).toBe('VALUE_KIND');
  });
});

describe('bands', () => {
  const xs = [4, 8, 1, 1];
  const options = { alpha: 0.25 } as const;

  it('of numbers are mean ± width · std', async () => {
    const means = await all(from(xs).pipe(ewm(options).mean()));
    const stds = await all(from(xs).pipe(ewm(options).std()));
    const bands = await all(from(xs).pipe(ewm(options).bands({ width: 3 })));
    expect(bands).toEqual(
      means.map((mean, i): Bands => ({ mean, std: stds[i]!, upper: mean + 3 * stds[i]!, lower: mean - 3 * stds[i]! })),
    );
    expect((await all(from(xs).pipe(ewm(options).bands()))).at(-1)!.upper).toBe(means[3]! + 2 * stds[3]!);
  });

  it('of a constant have no width', async () => {
    const [, ...bands] = await all(of(0.1, 0.1, 0.1).pipe(ewm(options).bands()));
    const flat = { mean: 0.1, std: 0, upper: 0.1, lower: 0.1 };
    expect(bands).toEqual([flat, flat]);
  });

  it('of missing numbers are the last ones, each its own object', async () => {
    const out = await all(of(4, 8, NaN, null).pipe(ewm<number | null>(options).bands()));
    expect(out.slice(2)).toEqual([out[1], out[1]]);
    expect(new Set(out).size).toBe(4);
    const none = { mean: NaN, std: NaN, upper: NaN, lower: NaN };
    const skipped = await all(of(4, NaN, null).pipe(ewm<number | null>({ ...options, missing: 'skip' }).bands()));
    expect(skipped.slice(1)).toEqual([none, null]);
    expect(await all(of(4).pipe(ewm({ ...options, minPeriods: 2 }).bands()))).toEqual([none]);
  });

  it('of records are four fields more for each number field, new ones too', async () => {
    const records = [{ a: 4, s: 'x' }, { a: 8, s: 'y', b: 3 }, { s: 'z' }];
    const out = await all(from(records).pipe(ewm(options).bands()));
    const [, second] = await all(of(4, 8).pipe(ewm(options).bands()));
    const a = { a_mean: second!.mean, a_std: second!.std, a_upper: second!.upper, a_lower: second!.lower };
    expect(out[0]).toEqual({ a: 4, s: 'x', a_mean: 4, a_std: NaN, a_upper: NaN, a_lower: NaN });
    expect(out[1]).toEqual({ ...records[1], ...a, b_mean: 3, b_std: NaN, b_upper: NaN, b_lower: NaN });
    expect(out[2]).toMatchObject({ s: 'z', ...a, b_mean: 3 });
  });

  it('of records are keyed, renamed and refused', async () => {
    type Fields = { a: number; k: string };
    const rows: Fields[] = [
      { a: 4, k: 'x' },
      { a: 1, k: 'y' },
      { a: 8, k: 'x' },
    ];
    const out = await all(from(rows).pipe(ewm<Fields>({ ...options, by: 'k', as: () => 'it' }).bands()));
    const [, second] = await all(of(4, 8).pipe(ewm(options).bands()));
    expect(out[2]).toMatchObject({ a: 8, it_mean: second!.mean, it_upper: second!.upper });
    expect(out[1]).toMatchObject({ it_mean: 1, it_std: NaN });
    const taken = of({ a: 1, a_upper: 2 });
    expect((await refusalOf(taken.pipe(ewm(options).bands()))).code).toBe('COLUMN_COLLISION');
    expect((await refusalOf(of({ a: 1 }, { a: 'b' as never }).pipe(ewm(options).bands()))).code).toBe('VALUE_KIND');
  });

  it.each([true, false])('of batches are four columns more of their type, nullable %s', async (nullable) => {
    const input = batch({ a: xs, b: [1, 1, 1, 1] }, new Float32(), nullable);
    const [out] = (await all(of(input).pipe(ewm<RecordBatch>({ ...options, columns: ['a'] }).bands()))) as [
      RecordBatch,
    ];
    expect(names(out)).toEqual(['a', 'b', 'a_mean', 'a_std', 'a_upper', 'a_lower']);
    const fields = out.schema.fields.slice(2);
    expect(fields.map(({ type }) => String(type))).toEqual(Array(4).fill('Float32'));
    expect(fields.map((field) => field.nullable)).toEqual(Array(4).fill(nullable));
    expect(fields[0]!.metadata.get('unit')).toBe('m');
    const bands = await all(from(xs).pipe(ewm(options).bands()));
    const none = nullable ? null : NaN;
    for (const part of ['mean', 'std', 'upper', 'lower'] as const) {
      const expected = bands.map((one) => (Number.isNaN(one[part]) ? none : Math.fround(one[part])));
      expect(cells(out, `a_${part}`)).toEqual(expected);
    }
    const cut = await all(of(input.slice(0, 2), input.slice(2)).pipe(ewm<RecordBatch>(options).bands()));
    expect(cut.flatMap((one) => cells(one, 'a_upper'))).toEqual(cells(out, 'a_upper'));
  });

  it('of missing cells are null under skip, and the last ones else', async () => {
    const input = batch({ a: [4, 8, null, 1] });
    const [carried] = await all(of(input).pipe(ewm<RecordBatch>(options).bands()));
    expect(cells(carried!, 'a_upper')[2]).toBe(cells(carried!, 'a_upper')[1]);
    const [skipped] = await all(of(input).pipe(ewm<RecordBatch>({ ...options, missing: 'skip' }).bands()));
    expect(['mean', 'std', 'upper', 'lower'].map((part) => cells(skipped!, `a_${part}`)[2])).toEqual(
      Array(4).fill(null),
    );
    const [none] = await all(of(batch({ a: [] })).pipe(ewm<RecordBatch>(options).bands()));
    expect(names(none!)).toEqual(names(carried!));
  });
});

it('ewm refuses vectors, which emaScan takes', async () => {
  expect(await refusalOf(of(new Float64Array(2)).pipe(ewm(HALF).mean()))).toEqual({
    code: 'VALUE_KIND',
    message: 'the value must be a number, a record or a RecordBatch (of a Table, its batches), got Float64Array',
  });
});

describe('a slot of ewm', () => {
  const plan = { adjust: false, ignoreNa: false, minPeriods: 0, carries: true, propagates: false };

  it.each(['mean', 'sum', 'var', 'std', 'bands', 'cov', 'corr'] satisfies Moment[])(
    'of %s is 16 doubles at most',
    (moment) => {
      for (const perMs of [null, -1]) {
        const { fields, fresh } = momentLaw(moment, false, { ...plan, perMs, rate: { decay: 0.5, alpha: 0.5 } });
        expect(fields.length).toBeLessThanOrEqual(16);
        expect(new Set(fields).size).toBe(fresh.length);
      }
    },
  );
});
