import {
  Bool,
  Dictionary,
  Field,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  LargeUtf8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
  type Data,
  type DataType,
} from 'apache-arrow';
import { Ema, EwmState, fromBytes, toBytes, type EmaOptions } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { refusal } from './refusal.js';

interface Row {
  readonly key: string | null;
  readonly x: number | null;
}
const rowsOf = (text: string): Row[] =>
  text.split(' ').map((cell) => ({ key: cell[0] === '-' ? null : cell[0]!, x: Number(cell.slice(1)) }));

/** A batch of keys of a type beside doubles. */
function batchOf(keys: readonly unknown[], xs: readonly (number | null)[], type: DataType): RecordBatch {
  const children = [vectorFromArray([...keys], type).data[0]!, vectorFromArray([...xs], new Float64()).data[0]!];
  const fields = [new Field('key', type, true), new Field('x', new Float64(), true)];
  const data = makeData({ type: new Struct(fields), length: keys.length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}

const columnOf = (batch: RecordBatch): unknown[] => [...batch.getChild('x')!];

/** What each key's own number stream gives, in the order of the rows. */
function apart(rows: readonly { key: unknown; x: number | null }[], options: EmaOptions<number>): unknown[] {
  const emas = new Map<unknown, Ema>();
  return rows.map(({ key, x }) => {
    if (!emas.has(key)) emas.set(key, new Ema(options));
    return emas.get(key)!.update(x as number);
  });
}

describe('keys', () => {
  const rows = rowsOf('a1 b5 a3 -7 b4 a2 -9 c8 b6');
  const own: EmaOptions<number> = { alpha: 0.5 };

  it('of records have an average each, null too', () => {
    const ema = new Ema<Row>({ alpha: 0.5, by: 'key', columns: ['x'] });
    expect(rows.map((row) => ema.update(row).x)).toEqual(apart(rows, own));
    expect(ema.step).toBe(3);
  });

  it('of numbers come from a function', () => {
    const ema = new Ema<number>({ alpha: 0.5, by: (x) => x > 5 });
    expect([1, 9, 3, 7].map((x) => ema.update(x))).toEqual([
      1,
      9,
      expect.closeTo(7 / 3, 14),
      expect.closeTo(23 / 3, 14),
    ]);
  });

  it('of several fields are told apart, kinds too', () => {
    const ema = new Ema<{ a: string; b: unknown; x: number }>({ alpha: 0.5, by: ['a', 'b'], columns: ['x'] });
    const first = [
      { a: 'p', b: 1 },
      { a: 'p', b: '1' },
      { a: 'p1', b: null },
      { a: 'p', b: 1n },
      { a: 'p', b: true },
    ];
    for (const [i, key] of first.entries()) expect(ema.update({ ...key, x: i }).x).toBe(i);
    expect(ema.update({ a: 'p', b: 1, x: 3 }).x).toBe(2);
    ema.reset(['p', 1]);
    expect(ema.update({ a: 'p', b: 1, x: 5 }).x).toBe(5);
  });

  it.each<[string, DataType, (key: string | null) => unknown]>([
    ['utf8', new Utf8(), (key) => key],
    ['large utf8', new LargeUtf8(), (key) => key],
    ['a dictionary', new Dictionary(new Utf8(), new Int32()), (key) => key],
    ['a dictionary with small codes', new Dictionary(new Utf8(), new Uint8()), (key) => key],
    ['int64', new Int64(), (key) => key && BigInt(key.charCodeAt(0))],
    ['uint8', new Uint8(), (key) => key && key.charCodeAt(0)],
    ['bool', new Bool(), (key) => key && key === 'a'],
  ])('of a batch in a column of %s equal the number stream of each', (_, type, as) => {
    const keyed = rows.map(({ key, x }) => ({ key: as(key), x }));
    for (const size of [1, 2, 4, 9]) {
      const ema = new Ema<RecordBatch>({ alpha: 0.5, by: 'key' });
      const got: unknown[] = [];
      for (let from = 0; from < keyed.length; from += size) {
        const part = keyed.slice(from, from + size);
        const batch = batchOf(part.map(({ key }) => key), part.map(({ x }) => x), type); // prettier-ignore
        got.push(...columnOf(ema.update(batch)));
      }
      expect(got).toEqual(apart(keyed, own));
    }
  });

  it.each([
    ['int8', new Int8(), Int8Array],
    ['int16', new Int16(), Int16Array],
    ['int32', new Int32(), Int32Array],
    ['int64', new Int64(), BigInt64Array],
    ['uint8', new Uint8(), Uint8Array],
    ['uint16', new Uint16(), Uint16Array],
    ['uint32', new Uint32(), Uint32Array],
    ['uint64', new Uint64(), BigUint64Array],
  ] as [string, DataType, typeof Int32Array][])(
    'of a dictionary indexed by %s equal the number stream of each, alone or beside another column',
    (name, index, List) => {
      const type = new Dictionary(new Utf8(), index as Int32);
      const batch = (part: readonly Row[], names: readonly string[]): RecordBatch => {
        const plain = batchOf(part.map(({ key }) => key), part.map(({ x }) => x), new Dictionary(new Utf8(), new Int32())); // prettier-ignore
        const [codes, x] = plain.data.children as [Data<Dictionary>, Data];
        const data = List.from(
          codes.values as Int32Array,
          (name.endsWith('64') ? BigInt : Number) as NumberConstructor,
        );
        const keys = makeData({
          type,
          length: part.length,
          nullBitmap: codes.nullBitmap,
          data,
          dictionary: codes.dictionary!,
        } as never) as Data;
        const fields = [...names.map((one) => new Field(one, type, true)), new Field('x', new Float64(), true)];
        const children = [...names.map(() => keys), x];
        const struct = makeData({ type: new Struct(fields), length: part.length, nullCount: 0, children });
        return new RecordBatch(new Schema(fields), struct);
      };
      for (const names of [['key'], ['key', 'more']]) {
        const ema = new Ema<RecordBatch>({ alpha: 0.5, by: names, columns: ['x'] });
        const parts = [rows.slice(0, 3), rows.slice(3)].map((part) => batch(part, names));
        expect(parts.flatMap((part) => columnOf(ema.update(part)))).toEqual(apart(rows, own));
      }
    },
  );

  it('go on from a snapshot, bit for bit', () => {
    const options: EmaOptions<Row> = { decay: 0.9, by: 'key', columns: ['x'] };
    const ema = new Ema(options);
    for (const row of rows) ema.update(row);
    ema.reset('b');
    const again = new Ema(options, fromBytes(toBytes(ema.snapshot())));
    for (const row of rowsOf('c2 a9 -3 d1 b1')) expect(again.update(row)).toEqual(ema.update(row));
    expect(again.snapshot()).toEqual(ema.snapshot());
  });

  it('beyond maxKeys are an error that changes nothing', () => {
    const ema = new Ema<RecordBatch>({ alpha: 0.5, by: 'key', maxKeys: 2 });
    ema.update(batchOf(['a'], [1], new Utf8()));
    const before = ema.snapshot();
    const wrong = batchOf(['a', 'b', 'c'], [5, 6, 7], new Utf8());
    expect(refusal(() => ema.update(wrong))).toEqual({
      code: 'TOO_MANY_KEYS',
      message: "by must give at most 2 keys, got 'c' besides",
    });
    expect(ema.snapshot()).toEqual(before);
    expect(columnOf(ema.update(batchOf(['b', 'a'], [6, 3], new Utf8())))).toEqual([6, expect.closeTo(7 / 3, 14)]);
  });

  it('of another kind are an error', () => {
    const ema = new Ema<{ k: unknown; x: number }>({ alpha: 0.5, by: 'k', columns: ['x'] });
    expect(refusal(() => ema.update({ k: {}, x: 1 })).code).toBe('KEY_KIND');
    const floating = batchOf([1.5], [1], new Float64());
    expect(refusal(() => new Ema<RecordBatch>({ alpha: 0.5, by: 'key' }).update(floating)).code).toBe('COLUMN_TYPE');
    expect(refusal(() => new Ema<RecordBatch>({ alpha: 0.5, by: 'k' }).update(floating)).code).toBe('COLUMN_MISSING');
  });

  it('do not age over a record that is missing as a whole: it is of no key', () => {
    const ema = new Ema<Row | null>({ decay: 0.5, ages: true, by: 'key', columns: ['x'] });
    for (const row of rowsOf('a1 b1')) ema.update(row);
    const before = ema.snapshot().shadows;
    ema.update(null);
    expect(ema.snapshot().shadows).toEqual(before);
  });

  it('that have been idle begin anew, and are dropped', () => {
    let now = 0;
    const ema = new Ema<{ at: number; key: string; x: number }>({
      halfLifeMs: 100,
      time: 'at',
      by: 'key',
      columns: ['x'],
      idleMs: 1000,
    });
    expect(ema.update(rowAt(0, 'a', 1)).x).toBe(1);
    expect(ema.update(rowAt(1000, 'a', 2)).x).not.toBe(2);
    expect(ema.update(rowAt(2001, 'a', 9)).x).toBe(9);
    expect(ema.dropped).toBe(1);
    for (now = 2001; now < 9000; now += 500) ema.update(rowAt(now, 'b', 1));
    expect(ema.dropped).toBe(2); // 'a' again
    expect(ema.snapshot().shadows['weight']).toHaveLength(1);
  });

  it('grow idle by the newest stamp of any, in a state that goes on from another too', () => {
    const options: EmaOptions<{ at: number; key: string; x: number }> = {
      halfLifeMs: 100,
      time: 'at',
      by: 'key',
      columns: ['x'],
      idleMs: 1000,
    };
    const ema = new Ema(options);
    for (const row of [rowAt(0, 'a', 1), rowAt(500, 'b', 1), rowAt(1400, 'c', 1)]) ema.update(row);
    const again = new Ema(options, fromBytes(toBytes(ema.snapshot())));
    for (const one of [ema, again]) {
      expect(one.update(rowAt(300, 'a', 9)).x).toBe(9); // 1400 ms after its stamp of 0, by that of 'c'
      expect(one.update(rowAt(1390, 'b', 9)).x).not.toBe(9);
    }
  });

  it('go when a span of idleMs begins: at the same row whenever the state was saved', () => {
    const options: EmaOptions<{ at: number; key: string; x: number }> = {
      halfLifeMs: 100,
      time: 'at',
      by: 'key',
      columns: ['x'],
      idleMs: 1000,
      late: 'skip',
    };
    const rows = [900, 1100, 1850, 2001, 2100].map((at) => rowAt(at, 'b', 1));
    const late = rowAt(700, 'a', 9); // left out while 'a' is known, which it is until 2000 begins
    const after = (count: number, saved: boolean): number => {
      let ema = new Ema(options);
      for (const row of [rowAt(800, 'a', 1), ...rows.slice(0, count)]) {
        ema.update(row);
        if (saved) ema = new Ema(options, ema.snapshot());
      }
      return ema.update(late).x;
    };
    for (const saved of [false, true]) {
      expect([1, 2, 3, 4, 5].map((count) => after(count, saved))).toEqual([NaN, NaN, NaN, 9, 9]);
    }
  });

  it('stay until they come again, if they are of a state in which time did not count', () => {
    const options = { decay: 0.5, by: 'key', columns: ['x'], start: 'first' } as const;
    const ema = new Ema<Row>(options);
    for (const row of rowsOf('a1 b1')) ema.update(row);
    let now = 1e9;
    const clock = { now: () => now };
    const again = new Ema<Row>({ ...options, idleMs: 1000, clock }, ema.snapshot());
    expect(again.update({ key: 'a', x: 3 }).x).toBe(2);
    now += 5000;
    expect(again.update({ key: 'b', x: 3 }).x).toBe(2);
    expect(again.dropped).toBe(1); // 'a', which has a stamp
  });

  it('are not told of a stamp that was taken back', () => {
    let fails = false;
    const ema = new Ema<{ at: number; key: string; x: number }>({
      decay: () => {
        if (fails) throw new RangeError('of the schedule');
        return 0.5;
      },
      by: 'key',
      columns: ['x'],
      idleMs: 1000,
      clock: { now: () => now },
    });
    let now = 0;
    ema.update(rowAt(0, 'a', 1));
    [now, fails] = [5000, true];
    expect(() => ema.update(rowAt(0, 'b', 1))).toThrow(RangeError);
    [now, fails] = [10, false];
    expect(ema.update(rowAt(0, 'a', 4)).x).toBe(3);
  });

  it('begin anew, with stamps, in a state that was saved when all had been forgotten', () => {
    const options: EmaOptions<{ at: number; key: string; x: number }> = {
      halfLifeMs: 1000,
      hold: 'next',
      time: 'at',
      by: 'key',
      columns: ['x'],
    };
    const ema = new Ema(options);
    ema.update(rowAt(0, 'a', 1));
    ema.reset('a');
    const again = new Ema(options, fromBytes(toBytes(ema.snapshot())));
    for (const one of [ema, again]) {
      expect(one.update(rowAt(5000, 'b', 0)).x).toBe(0);
      expect(one.update(rowAt(6000, 'b', 4)).x).toBe(2);
      expect(refusal(() => one.update(rowAt(5999, 'b', 4))).code).toBe('TIME_LATE');
    }
  });

  it('do not age over a record that is missing as a whole, and so has none', () => {
    const options = { decay: 0.5, by: 'key', columns: ['x'], ages: true, start: 'first' } as const;
    const ema = new Ema<Row | null>(options);
    const out = [null, ...rowsOf('a1 b1'), null, ...rowsOf('a9 b9')].map((row) => ema.update(row));
    expect(out.map((row) => row?.x)).toEqual([undefined, 1, 1, undefined, 5, 5]);
  });

  it('carry nothing into a record that is missing as a whole, before and after a snapshot', () => {
    const options = { decay: 0.5, by: 'key', columns: ['x'], missing: 'carry' } as const;
    const ema = new Ema<Row | null>(options);
    for (const row of rowsOf('a1 b1')) ema.update(row);
    const again = new Ema<Row | null>(options, ema.snapshot());
    for (const one of [ema, again]) {
      expect(one.update(null)).toBeNull();
      expect(one.update({ key: 'b', x: null })).toEqual({ key: 'b', x: 1 });
    }
  });

  it('of numbers age over what `by` says of a missing one', () => {
    const options = {
      decay: 0.5,
      by: (x: number | null) => (x === null ? 'b' : x > 5 ? 'b' : 'a'),
      ages: true,
    } as const;
    const ema = new Ema<number | null>({ ...options, start: 'first' });
    expect([1, 8, null, 3, 9].map((x) => ema.update(x))).toEqual([1, 8, null, 2, expect.closeTo(26 / 3, 14)]);
  });

  it('that grow idle in a batch that is refused are counted once', () => {
    let now = 0;
    let throws = false;
    const decay = (): number => {
      if (throws) throw new RangeError('of the schedule');
      return 0.5;
    };
    const ema = new Ema<Row>({ decay, by: 'key', columns: ['x'], idleMs: 1000 });
    const { now: real } = Date;
    Date.now = () => now;
    try {
      ema.update({ key: 'a', x: 4 });
      now = 2000;
      throws = true;
      expect(() => ema.update({ key: 'a', x: 4 })).toThrow(RangeError);
      expect(ema.dropped).toBe(0);
      throws = false;
      expect(ema.update({ key: 'a', x: 8 }).x).toBe(8);
    } finally {
      Date.now = real;
    }
    expect(ema.dropped).toBe(1);
  });

  it('that are forgotten take their steps with them', () => {
    const ema = new Ema<Row>({ decay: 0.9, by: 'key', columns: ['x'] });
    for (const row of rowsOf('a1 a2 a3 b4')) ema.update(row);
    expect(ema.step).toBe(3);
    ema.reset('a');
    expect(ema.step).toBe(1);
    ema.reset('b');
    expect(ema.step).toBe(0);
  });

  it('are forgotten by a clock of their own under a decay per step', () => {
    let now = 0;
    const clock = { now: () => now };
    const options: EmaOptions<Row> = { alpha: 0.5, by: 'key', columns: ['x'], idleMs: 1000, clock };
    const state = new EwmState<Row>({ alpha: 0.5, by: 'key', columns: ['x'], idleMs: 1000, clock }, { stat: 'mean' });
    for (const one of [new Ema(options), state]) {
      now = 0;
      one.update({ key: 'a', x: 4 });
      now = 1001;
      expect(one.update({ key: 'a', x: 8 }).x).toBe(8);
    }
  });

  it('are forgotten by the wall clock under a decay per step', () => {
    let now = 0;
    const options = { alpha: 0.5, by: 'key', columns: ['x'], idleMs: 1000 } as EmaOptions<Row>;
    const ema = new Ema<Row>(options);
    const { now: real } = Date;
    Date.now = () => now;
    try {
      ema.update({ key: 'a', x: 4 });
      now = 900;
      expect(ema.update({ key: 'a', x: 1 }).x).toBe(2);
      now = 1901;
      expect(ema.update({ key: 'a', x: 8 }).x).toBe(8);
      now = 0; // somebody has set the clock: no time has passed
      expect(ema.update({ key: 'a', x: 8 }).x).toBe(8);
    } finally {
      Date.now = real;
    }
    expect(ema.dropped).toBe(1);
  });
});

const rowAt = (at: number, key: string, x: number) => ({ at, key, x });

interface Sample {
  readonly x: number | null;
  readonly n: number | null | undefined;
}
const volumes = (x: number | null): Sample => ({ x, n: 8 });

describe('weights of samples', () => {
  const options: EmaOptions<Sample> = { alpha: 0.5, weight: 'n', columns: ['x'] };
  const run = (samples: Sample[], as: 'raw' | 'corrected' = 'corrected', more: object = {}) => {
    const ema = new Ema<Sample>({ ...options, ...more });
    return samples.map((sample) => ema.update(sample, as).x);
  };

  it('enter as alpha times the weight', () => {
    const samples = [
      { x: 1, n: 2 },
      { x: 5, n: 1 },
      { x: 3, n: 0 },
      { x: 4, n: 3 },
    ];
    expect(run(samples, 'raw')).toEqual([1, 0.5 + 2.5, 1.5, 0.75 + 6]);
    const weights = [1, 0.5 + 0.5, 0.5, 0.25 + 1.5];
    run(samples).forEach((y, i) => expect(y! * weights[i]!).toBeCloseTo([1, 3, 1.5, 6.75][i]!, 14));
  });

  it('of nothing bring nothing, and what has none is missing', () => {
    expect(run([{ x: 7, n: 0 }, { x: 4, n: 1 }, { x: 9, n: 0 }])).toEqual([NaN, 4, 4]); // prettier-ignore
    expect(run([{ x: 4, n: 1 }, { x: 9, n: null }, { x: 9, n: undefined }])).toEqual([4, NaN, NaN]); // prettier-ignore
    expect(run([{ x: 4, n: 1 }, { x: 9, n: NaN }], 'corrected', { missing: 'carry' })).toEqual([4, 4]); // prettier-ignore
  });

  it.each([-1, Infinity, '2'])('of %o are an error that changes nothing', (n) => {
    const ema = new Ema<Sample>(options);
    ema.update({ x: 4, n: 1 });
    const before = ema.snapshot();
    expect(refusal(() => ema.update({ x: 1, n: n as number })).code).toBe('WEIGHT_RANGE');
    expect(ema.snapshot()).toEqual(before);
    const throwing = new Ema<Sample>({ ...options, missing: 'throw' });
    expect(refusal(() => throwing.update({ x: 1, n: null })).code).toBe('MISSING_VALUE');
  });

  it('of nothing leave the average as it is, however long ago it was made', () => {
    const none = Array.from({ length: 1200 }, () => ({ x: 9, n: 0 }));
    // a start that is seeded weighs 1 again after every sample
    for (const [more, last] of [
      [{}, 7],
      [{ ages: true }, 7],
      [{ ages: true, start: 'first' }, 6],
    ] as const) {
      const gaps = 'ages' in more ? none.map((): Sample => ({ x: null, n: 1 })) : [];
      const out = run([{ x: 4, n: 1 }, ...gaps, ...none, { x: 7, n: 2 }], 'corrected', more);
      expect(out.at(-2)).toBe(4);
      expect(out.at(-1)).toBeCloseTo(last, 14);
    }
    const timed = {
      halfLifeMs: 1,
      time: (row: Sample & { at: number }) => row.at,
      weight: 'n',
      columns: ['x'],
    } as const;
    const ema = new Ema<Sample & { at: number }>(timed);
    const rows = [1, 0, 0, 2].map((n, i) => ({ x: n === 0 ? 9 : 3 + n, n, at: i * 1e5 }));
    expect(rows.map((row) => ema.update(row).x)).toEqual([4, 4, 4, 5]);
  });

  it('fade over a record that is missing as a whole, as over one without a value', () => {
    const gap = volumes(null);
    for (const start of ['zero', 'first'] as const) {
      const [whole, field] = [null, gap].map((hole) => {
        const ema = new Ema<Sample | null>({ ...options, ages: true, start });
        return [volumes(2), hole, hole, volumes(6), hole, volumes(3)].map((row) => ema.update(row, 'raw')?.x);
      });
      expect(whole!.filter(Number.isFinite)).toEqual(field!.filter(Number.isFinite));
    }
  });

  it('that are all one change nothing', () => {
    const samples = [1, 5, 4, 2].map((x) => ({ x, n: 1 }));
    const plain = new Ema({ alpha: 0.5 });
    const want = samples.map(({ x }) => plain.update(x));
    run(samples).forEach((y, i) => expect(y).toBeCloseTo(want[i]!, 14));
    run(samples, 'corrected', { start: 'first' }).forEach((y, i) => expect(y).toBe([1, 3, 3.5, 2.75][i]));
  });
});
