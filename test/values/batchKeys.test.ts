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
  type Data,
} from 'apache-arrow';
import {
  biasCorrected,
  Ema,
  emaScan,
  ewm,
  EwmState,
  fromBytes,
  mergeSnapshots,
  toBytes,
  type EmaOptions,
  type EwmOptions,
  type EwmStatistic,
  type Key,
} from 'rx-ema';
import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { refusal, refusalOf } from '../refusal.js';

/** A batch whose key is beside it, as that of a message. */
interface Keyed {
  readonly key: Key;
  readonly xs: readonly (number | null)[];
}

const float64 = (cells: readonly (number | null)[]): Data => vectorFromArray([...cells], new Float64()).data[0]!;

function batchOf(columns: Readonly<Record<string, Data>>): RecordBatch {
  const fields = Object.entries(columns).map(([name, { type }]) => new Field(name, type as Float64, true));
  const children = Object.values(columns);
  const data = makeData({ type: new Struct(fields), length: children[0]!.length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}

const column = (batch: RecordBatch, name: string): unknown[] => [...batch.getChild(name)!];
const cells = (batch: RecordBatch): unknown[] => batch.schema.fields.flatMap(({ name }) => column(batch, name));

/** Within 4 eps: loops over one slot add up in another order than those over many. */
function expectClose(got: readonly unknown[], want: readonly unknown[]): void {
  const near = got.map((one, i) => {
    const exact = want[i];
    const isNear = Math.abs(Number(one) - Number(exact)) <= 4 * Number.EPSILON * Math.abs(Number(exact));
    return isNear && typeof one === typeof exact ? exact : one;
  });
  expect(near).toEqual(want);
}

const messages: readonly Keyed[] = [
  { key: 'a', xs: [1, 5, null] },
  { key: 'b', xs: [7] },
  { key: null, xs: [2, 2, NaN, 8] },
  { key: 'a', xs: [] },
  { key: 'a', xs: [3] },
  { key: 7, xs: [6, 1] },
  { key: 'b', xs: [null, 9, 4] },
  { key: '7', xs: [5] },
  { key: 7, xs: [5] },
];

/** Batches beside which somebody notes whose they are. */
function noted<K extends Keyed>(list: readonly K[], of: (one: K) => RecordBatch) {
  const keys = new Map<RecordBatch, Key>();
  const batches = list.map((one) => {
    const batch = of(one);
    keys.set(batch, one.key);
    return batch;
  });
  return { batches, by: (batch: RecordBatch): Key => keys.get(batch)! };
}
const price = ({ xs }: Keyed): RecordBatch => batchOf({ price: float64(xs) });

const byLength = (batch: RecordBatch): Key => (batch.numRows > 1 ? 'a' : 'b');
const failing = (): never => {
  throw new RangeError('of the user’s');
};

describe('a function that gives the keys of batches', () => {
  it.each<EmaOptions<RecordBatch>>([
    { decay: 0.9 },
    { alpha: 0.3, start: 'first', ages: true },
    { alpha: ({ step }: { step: number }) => 1 / step },
    { span: 3, missing: 'carry' },
  ])('gives each batch whole to one average: as an Ema of each key has it (%o)', (options) => {
    const { batches, by } = noted(messages, price);
    const keyed = new Ema<RecordBatch>({ ...options, by });
    const apart = new Map<Key, Ema<RecordBatch>>();
    for (const batch of batches) {
      const key = by(batch);
      if (!apart.has(key)) apart.set(key, new Ema(options));
      expectClose(cells(keyed.update(batch)), cells(apart.get(key)!.update(batch)));
    }
    expect(keyed.step).toBe(Math.max(...[...apart.values()].map((ema) => ema.step)));
  });

  const statistics: [string, EwmOptions<RecordBatch>, EwmStatistic<RecordBatch>][] = [
    ['mean', { span: 5 }, { stat: 'mean' }],
    ['sum', { halfLife: 2 }, { stat: 'sum' }],
    ['std', { com: 3, minPeriods: 2 }, { stat: 'std' }],
    ['bands', { alpha: 0.4, ignoreNa: true }, { stat: 'bands', width: 3 }],
    ['cov', { span: 4, adjust: false }, { stat: 'cov', x: 'price', y: 'volume' }],
    ['corr', { span: 4 }, { stat: 'corr', x: 'price', y: 'volume' }],
  ];

  it.each(statistics)('serves the statistic %s', (_, options, statistic) => {
    const { batches, by } = noted(messages, ({ xs }) => {
      const volumes = xs.map((x, i) => (x === null ? null : x * x + i));
      return batchOf({ price: float64(xs), volume: float64(volumes) });
    });
    const stateOf = (more: EwmOptions<RecordBatch>) => new EwmState<RecordBatch>(more, statistic as { stat: 'mean' });
    const keyed = stateOf({ ...options, by });
    const apart = new Map<Key, ReturnType<typeof stateOf>>();
    for (const batch of batches) {
      const key = by(batch);
      if (!apart.has(key)) apart.set(key, stateOf(options));
      expectClose(cells(keyed.update(batch)), cells(apart.get(key)!.update(batch)));
    }
  });

  it('serves the operators', async () => {
    const { batches, by } = noted(messages, price);
    const ema = new Ema<RecordBatch>({ decay: 0.9, by });
    const want = batches.map((batch) => cells(ema.update(batch)));
    const corrected = from(batches).pipe(emaScan<RecordBatch>({ decay: 0.9, by }), biasCorrected(), toArray());
    expect((await lastValueFrom(corrected)).map(cells)).toEqual(want);
    const means = await lastValueFrom(from(batches).pipe(ewm<RecordBatch>({ alpha: 0.1, by }).mean(), toArray()));
    expect(cells(means[1]!)).toEqual([7]);
    expect(means).toHaveLength(batches.length);
  });

  it('goes with stamps and weights of columns', () => {
    const { batches, by } = noted(messages, ({ xs }) =>
      batchOf({
        price: float64(xs),
        at: vectorFromArray(xs.map((_, i) => 1000 + 10 * i), new TimestampMillisecond()).data[0]!, // prettier-ignore
        n: float64(xs.map((_, i) => i + 1)),
      }),
    );
    const options = { halfLifeMs: 20, time: 'at', weight: 'n', late: 'skip' } as const;
    const keyed = new Ema<RecordBatch>({ ...options, by });
    const apart = new Map<Key, Ema<RecordBatch>>();
    for (const batch of batches) {
      const key = by(batch);
      if (!apart.has(key)) apart.set(key, new Ema<RecordBatch>(options));
      expect(column(keyed.update(batch), 'price')).toEqual(column(apart.get(key)!.update(batch), 'price'));
    }
    expect(keyed.late).toBe([...apart.values()].reduce((sum, { late }) => sum + late, 0));
    expect(keyed.late).toBeGreaterThan(0);
  });

  it('goes on from a snapshot, bit for bit, and merges', () => {
    const { batches, by } = noted(messages, price);
    const options: EmaOptions<RecordBatch> = { decay: 0.9, by };
    const ema = new Ema(options);
    for (const batch of batches.slice(0, 4)) ema.update(batch);
    const again = new Ema(options, fromBytes(toBytes(ema.snapshot())));
    const rest = new Ema(options);
    for (const batch of batches.slice(4)) {
      expect(cells(again.update(batch))).toEqual(cells(ema.update(batch)));
      rest.update(batch);
    }
    expect(again.snapshot()).toEqual(ema.snapshot());

    const head = new Ema(options);
    for (const batch of batches.slice(0, 4)) head.update(batch);
    const merged = new Ema(options, mergeSnapshots(head.snapshot(), rest.snapshot()));
    const [got, want] = [merged, ema].map((one) => cells(one.update(batches[0]!)) as number[]);
    got!.forEach((x, i) => expect(x).toBeCloseTo(want![i]!, 12));
  });

  it('is noted in the state: one of a column’s keys is not gone on from', () => {
    const { batches, by } = noted(messages, price);
    const ema = new Ema<RecordBatch>({ decay: 0.9, by });
    ema.update(batches[0]!);
    expect(ema.snapshot().scalars['roles']).toBe('by: a function');
    const symbols = vectorFromArray(['a'], new Utf8()).data[0]!;
    const ofColumn = (name: string) => new Ema<RecordBatch>({ decay: 0.9, by: name }, ema.snapshot());
    expect(refusal(() => ofColumn('symbol')).code).toBe('SNAPSHOT_OPTIONS');
    // a column that is called as a snapshot's plan notes any function
    const custom = ofColumn('custom');
    const { code, message } = refusal(() => custom.update(batchOf({ price: float64([1]), custom: symbols })));
    expect([code, message]).toEqual([
      'SCHEMA_CHANGED',
      'the columns must be price: Float64, by: a function, got price: Float64, custom: Utf8',
    ]);
  });

  it('is not asked for a batch of no rows, which makes no key', () => {
    const asked: RecordBatch[] = [];
    const ema = new Ema<RecordBatch>({ decay: 0.5, by: (batch) => `${asked.push(batch)}` });
    const empty = price({ key: null, xs: [] });
    expect(ema.update(empty).numRows).toBe(0);
    expect([asked.length, ema.snapshot().shadows['weight']!.length]).toEqual([0, 0]);
    const batch = price({ key: null, xs: [4] });
    expect(cells(ema.update(batch))).toEqual([4]);
    expect(cells(ema.update(empty))).toEqual([]);
    expect(asked).toEqual([batch]);
  });

  it('carries nothing into a batch that is missing as a whole: it is of no key', () => {
    const { batches, by } = noted(messages, price);
    const carrying = { span: 3, missing: 'carry', by } as const;
    const [ema, bands] = [
      new Ema<RecordBatch | null>(carrying),
      new EwmState<RecordBatch | null>(carrying, { stat: 'bands' }),
    ];
    for (const one of [ema, bands]) {
      one.update(batches[1]!);
      expect(one.update(null)).toBeNull();
      expect(one.step).toBe(1);
    }
  });

  it.each<[string, string, (batch: RecordBatch) => Key]>([
    ['gives no key', 'KEY_KIND', () => ({}) as never],
    ['gives one too many', 'TOO_MANY_KEYS', () => 'c'],
  ])('that %s is an error, and changes nothing', (_, code, wrong) => {
    let by = byLength;
    const ema = new Ema<RecordBatch>({ decay: 0.9, by: (batch) => by(batch), maxKeys: 2 });
    for (const xs of [[1, 2], [3], [4, 5]]) ema.update(price({ key: null, xs }));
    const before = ema.snapshot();
    const batch = price({ key: null, xs: [8] });
    by = wrong;
    expect(refusal(() => ema.update(batch)).code).toBe(code);
    expect(ema.snapshot()).toEqual(before);
    by = byLength;
    expect(cells(ema.update(batch))[0]).toBeCloseTo((0.9 * 3 + 8) / 1.9, 14);
  });

  it('that throws ends the stream with what it throws, and changes nothing of a state', async () => {
    const ema = new Ema<RecordBatch>({ decay: 0.9, by: ({ numRows }) => (numRows > 1 ? failing() : 'a') });
    ema.update(price({ key: null, xs: [3] }));
    const before = ema.snapshot();
    expect(() => ema.update(price({ key: null, xs: [1, 2] }))).toThrow(RangeError);
    expect(ema.snapshot()).toEqual(before);
    const piped = from([price({ key: null, xs: [1] })]).pipe(emaScan<RecordBatch>({ decay: 0.9, by: failing }));
    await expect(lastValueFrom(piped)).rejects.toThrow('of the user’s');
  });

  it('forgets the keys of batches: by name, and by the clock', () => {
    let now = 0;
    const clock = { now: () => now };
    const { batches, by } = noted(messages, price);
    const ema = new Ema<RecordBatch>({ halfLifeMs: 100, clock, by, idleMs: 1000 });
    for (const batch of batches.slice(0, 2)) ema.update(batch);
    ema.reset('b');
    expect(cells(ema.update(batches[1]!))).toEqual([7]);
    now = 2000;
    expect(cells(ema.update(batches[4]!))).toEqual([3]);
    expect(ema.dropped).toBe(2); // 'a', which comes anew, and 'b'
  });

  it('stands alone: in a list it is refused', async () => {
    const by = ['symbol', () => 'a'] as unknown as 'symbol';
    const { code, message } = refusal(() => new Ema<RecordBatch>({ decay: 0.9, by }));
    expect([code, message]).toEqual([
      'OPTION_VALUE',
      "by must be a name, several or a function, got ['symbol', a function]",
    ]);
    const misnamed = from([price(messages[0]!)]).pipe(emaScan<RecordBatch>({ decay: 0.9, by: 'symbol' }));
    expect((await refusalOf(misnamed)).code).toBe('COLUMN_MISSING');
  });
});
