import {
  Field,
  Float32,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  TimestampNanosecond,
  Utf8,
  vectorFromArray,
  type DataType,
  type Vector,
} from 'apache-arrow';
import { mergeSnapshots, type Snapshot } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import {
  cutsArb,
  ema,
  ewm,
  merged,
  mergesLikeOneRun,
  partsOf,
  rowsArb,
  run,
  unlike,
  withUpdate,
  type Make,
  type Options,
  type Row,
} from '../support/merging.js';

const type = new Float64();
function batchOf(rows: readonly Row[], stamp: DataType = new TimestampMillisecond(), names = ['x', 'y']): RecordBatch {
  const vectors = {
    ...Object.fromEntries(names.map((name) => [name, vectorFromArray(rows.map((row) => (row as never as Options)[name] ?? null), type)])),
    key: vectorFromArray(rows.map(({ key }) => key), new Utf8()),
    n: vectorFromArray(rows.map(({ n }) => n), type),
    at: vectorFromArray(rows.map(({ at }) => at), stamp),
  } as Record<string, Vector>; // prettier-ignore
  const fields = Object.entries(vectors).map(([name, vector]) => new Field(name, vector.type as DataType, true));
  const children = Object.entries(vectors).map(
    ([, { data, type: kind }]) => data[0] ?? makeData({ type: kind as Float64 }),
  );
  const data = makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}
const plainRows = (out: unknown): unknown => (out as RecordBatch).toArray().map((row) => row?.toJSON());
const asRows =
  (make: Make): Make =>
  (saved) => {
    const engine = make(saved);
    const update = (value: unknown): unknown => {
      const out = engine.update(value);
      return value === null ? null : plainRows(out);
    };
    return withUpdate(engine, update);
  };

describe('record batches', () => {
  const makers: readonly [string, Make][] = [
    ['emaScan where gaps age', ema({ decay: 0.5, ages: true, columns: ['x', 'y'] }, 'raw')],
    ['emaScan with keys', ema({ decay: 0.5, ages: true, columns: ['x', 'y'], by: 'key', weight: 'n' })],
    ['emaScan by the clock', ema({ halfLifeMs: 50, columns: ['x', 'y'], time: 'at', by: 'key' })],
    ['sum', ewm({ span: 5, columns: ['x', 'y'] }, { stat: 'sum' })],
    ['var', ewm({ span: 5, columns: ['x'], by: 'key' }, { stat: 'var' })],
    ['bands', ewm({ span: 5, columns: ['x', 'y'] }, { stat: 'bands' })],
    ['cov', ewm({ span: 5 }, { stat: 'cov', x: 'x', y: 'y' })],
    ['corr by the clock', ewm({ tauMs: 50, time: 'at' }, { stat: 'corr', x: 'x', y: 'x' })],
  ];
  it.each(makers)('of %s merge like one run', (_, make) => {
    const batchesArb = rowsArb.chain((rows) =>
      cutsArb.map((cuts): unknown[] => [...partsOf(rows, cuts).map((part) => batchOf(part)), null]),
    );
    mergesLikeOneRun(asRows(make), batchesArb, { tolerance: 1e-7, runs: 40 });
  });

  it('know how long a nanosecond is', () => {
    const make = ema({ halfLifeMs: 1e-3, time: 'at', columns: ['x'] });
    const start = 1_700_000_000_123_456_789n;
    const batches = [0n, 700n, 1800n, 2100n].map((after, i) => {
      const stamps = makeData({ type: new TimestampNanosecond(), length: 1, data: BigInt64Array.of(start + after) });
      return new RecordBatch({ x: vectorFromArray([i], type).data[0]!, at: stamps });
    });
    const through = run(asRows(make), batches);
    const again = run(asRows(make), batches.slice(3), merged(make, [batches.slice(0, 2), batches.slice(2, 3)], 'left'));
    expect(unlike(again.out, through.out.slice(3), 1e-14)).toBeNull();
    expect(again.engine.snapshot().shadows['stamps']).toEqual(through.engine.snapshot().shadows['stamps']);
  });

  it('of which one half has columns more go on with those of both, in the order of their schema', () => {
    const make = ema({ decay: 0.5, ages: true }, 'raw');
    const rows = [1, 2, 3].map((x): Row => ({ x, y: 8 * x, key: 'a', n: 1, at: 0 }));
    const [first, second] = [batchOf(rows, undefined, ['y']), batchOf(rows, undefined, ['x', 'y'])];
    const both = mergeSnapshots(run(make, [first]).engine.snapshot(), run(make, [second]).engine.snapshot());
    const [out] = run(asRows(make), [batchOf(rows.slice(0, 1), undefined, ['x', 'y'])], both).out as [
      { x: number; y: number }[],
    ];
    expect(out[0]!.x).toBeCloseTo(0.5 * (0.125 + 0.5 + 1.5) + 0.5, 14);
    expect(out[0]!.y).toBeCloseTo(0.5 * (8 * 2.125 * (1 / 8) + 8 * 2.125) + 4, 14);
  });

  it('whose types or roles differ are refused', () => {
    const rows: Row[] = [{ x: 1, y: 2, key: 'a', n: 1, at: 0 }];
    const make = ema({ decay: 0.5, columns: ['x'] });
    const floats = (batch: RecordBatch) => run(make, [batch]).engine.snapshot();
    const narrow = vectorFromArray([1], new Float32());
    const other = new RecordBatch({ x: narrow.data[0]! });
    const one = floats(batchOf(rows));
    expect(refusal(() => mergeSnapshots(one, floats(other)))).toEqual({
      code: 'SCHEMA_CHANGED',
      message: 'the columns of both halves must be x: Float64, got x: Float32',
    });
    const clock = { columns: ['x'], time: 'at' };
    const [ms, ns] = [new TimestampMillisecond(), new TimestampNanosecond()].map((stamp) =>
      run(ema({ tauMs: 5, ...clock }), [batchOf(rows, stamp)]).engine.snapshot(),
    ) as [Snapshot, Snapshot];
    expect(refusal(() => mergeSnapshots(ms, ns)).code).toBe('SCHEMA_CHANGED');
  });
});
