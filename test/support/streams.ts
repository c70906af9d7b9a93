import {
  Dictionary,
  Field,
  Float16,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
  type Data,
  type DataType,
} from 'apache-arrow';
import * as rx from 'rx-ema';
import { from, lastValueFrom, map, toArray, type Observable, type OperatorFunction } from 'rxjs';
import type { Sample, Statistic } from './directSums.js';

/** One row of a stream: a sample, and whose it is. `at: null` is a missing stamp. */
export interface Row extends Omit<Sample, 'at'> {
  readonly at?: number | null;
  readonly key?: string;
}

/** What is asked of the package: `emaScan(options)`, or a statistic of `ewm(options)`. The fields are named per kind. */
export interface Call {
  readonly operator: 'emaScan' | 'ewm';
  readonly statistic: Statistic;
  readonly options: Readonly<Record<string, unknown>>;
  readonly bias?: boolean;
}

/** A float type of Arrow that holds the numbers of a case. */
export type FloatType = 'Float64' | 'Float32' | 'Float16';

/** What came out in a row: an Arrow null and undefined are null, NaN stays. */
export type Out = number | null;

/** One way to send rows through an operator: numbers, records, batches. */
export interface Stream {
  readonly name: string;
  /** Whether null and NaN come out apart; numbers have NaN for "not yet". */
  readonly nulls: boolean;
  readonly smooth: (rows: readonly Row[], call: Call, type: FloatType) => Promise<Out[]>;
}

/** The streams that can carry these rows: all say the same, or the package is wrong. */
export function streamsOf(rows: readonly Row[], { statistic }: Call): readonly Stream[] {
  const pair = statistic === 'cov' || statistic === 'corr';
  const bare = !pair && !rows.some(({ key, weight }) => key !== undefined || weight !== undefined);
  const stamped = rows.some(({ at }) => at !== undefined);
  return [
    ...(bare && !stamped ? [numbers] : []),
    ...(bare && stamped && rows.every(({ at }) => at !== null) ? [numbersByTheClock] : []),
    records,
    ...(rows.every(({ at }) => at == null || Number.isInteger(at)) ? BATCHES : []), // an Arrow stamp is whole
  ];
}

// ---- the operator ---------------------------------------------------------------------------------------------------

type Smoother = OperatorFunction<unknown, unknown>;
/** The surface as it is called here: options are put together at run time, so nothing of them is known to the compiler. */
interface Surface {
  emaScan(options: object): Smoother;
  ewm(
    options: object,
  ): Record<'mean' | 'sum' | 'var' | 'std', (options?: object) => Smoother> &
    Record<'cov' | 'corr', (x: string, y: string, options?: object) => Smoother>;
}

function operatorOf({ operator, statistic, options, bias }: Call, more: object): Smoother {
  const surface = rx as unknown as Surface;
  if (operator === 'emaScan') return surface.emaScan({ ...options, ...more });
  const family = surface.ewm({ ...options, ...more });
  const last = bias === undefined ? [] : [{ bias }];
  if (statistic === 'cov' || statistic === 'corr') return family[statistic]('x', 'y', ...last);
  return family[statistic](...last);
}

/** The options that name fields, for rows that have them. */
function fieldsOf(rows: readonly Row[], call: Call): Record<string, unknown> {
  const has = (field: keyof Row): boolean => rows.some((row) => row[field] !== undefined);
  const pair = call.statistic === 'cov' || call.statistic === 'corr';
  const clocked = call.options['halfLifeMs'] !== undefined || call.options['tauMs'] !== undefined;
  return {
    columns: pair ? ['x', 'y'] : ['x'],
    ...(clocked && { time: 'at' }),
    ...(has('key') && { by: 'key' }),
    ...(has('weight') && { weight: 'weight' }),
  };
}

const collected = <T>(values: Observable<T>): Promise<T[]> => lastValueFrom(values.pipe(toArray()));

// ---- numbers and records --------------------------------------------------------------------------------------------

const out = (value: unknown): Out => (value ?? null) as Out;

const numbers: Stream = {
  name: 'numbers',
  nulls: false,
  async smooth(rows, call) {
    const smoothed = await collected(from(rows.map(({ x }) => x)).pipe(operatorOf(call, {})));
    return smoothed.map(out);
  },
};

const numbersByTheClock: Stream = {
  name: 'numbers by the clock',
  nulls: false,
  async smooth(rows, call) {
    let now = rows[0]?.at ?? 0;
    const source = from(rows).pipe(
      map(({ x, at }) => {
        now = at!;
        return x;
      }),
    );
    const smoothed = await collected(source.pipe(operatorOf(call, { clock: { now: () => now } })));
    return smoothed.map(out);
  },
};

const records: Stream = {
  name: 'records',
  nulls: false,
  async smooth(rows, call) {
    const smoothed = await collected(from(rows).pipe(operatorOf(call, fieldsOf(rows, call))));
    return smoothed.map((one) => (typeof one === 'object' && one !== null ? out((one as Row).x) : out(one)));
  },
};

// ---- batches --------------------------------------------------------------------------------------------------------

function batches(name: string, rowsPerBatch: number): Stream {
  return {
    name,
    nulls: true,
    async smooth(rows, call, type) {
      const source = from(batchesOf(rows, rowsPerBatch, type));
      const smoothed = (await collected(source.pipe(operatorOf(call, fieldsOf(rows, call))))) as RecordBatch[];
      const pair = call.statistic === 'cov' || call.statistic === 'corr';
      return smoothed.flatMap((batch) => {
        const column = batch.getChildAt(
          pair ? batch.numCols - 1 : batch.schema.fields.findIndex((f) => f.name === 'x'),
        );
        return Array.from({ length: batch.numRows }, (_, i) => out(column!.get(i)));
      });
    },
  };
}

const BATCHES = [batches('one batch', Infinity), batches('batches of three rows', 3)];

const TYPES = { Float64: new Float64(), Float32: new Float32(), Float16: new Float16() };
const STAMP = new TimestampMillisecond();
const KEY = new Dictionary(new Utf8(), new Int32());

/** The rows as nullable Arrow columns. Every batch has a dictionary of its own, in the order of its keys' last rows. */
export function batchesOf(rows: readonly Row[], rowsPerBatch: number, type: FloatType = 'Float64'): RecordBatch[] {
  const has = (field: keyof Row): boolean => rows.some((row) => row[field] !== undefined);
  const float = TYPES[type] as DataType;
  const columns: [name: string, type: DataType, data: (some: readonly Row[]) => Data][] = [
    [
      'x',
      float,
      (some) =>
        dataOf(
          some.map(({ x }) => x),
          float,
        ),
    ],
  ];
  if (has('y'))
    columns.push([
      'y',
      float,
      (some) =>
        dataOf(
          some.map(({ y }) => y ?? null),
          float,
        ),
    ]);
  if (has('at'))
    columns.push([
      'at',
      STAMP,
      (some) =>
        dataOf(
          some.map(({ at }) => at ?? null),
          STAMP,
        ),
    ]);
  if (has('key')) columns.push(['key', KEY, (some) => keysOf(some.map(({ key }) => key!))]);
  if (has('weight')) {
    columns.push([
      'weight',
      TYPES.Float64,
      (some) =>
        dataOf(
          some.map(({ weight }) => weight ?? 1),
          TYPES.Float64,
        ),
    ]);
  }
  const schema = new Schema(columns.map(([name, type]) => new Field(name, type, true)));
  const starts = Array.from({ length: Math.ceil(rows.length / rowsPerBatch) || 1 }, (_, i) =>
    i === 0 ? 0 : i * rowsPerBatch,
  );
  return starts.map((start) => {
    const some = rows.slice(start, start + rowsPerBatch);
    const children = columns.map(([, , data]) => data(some));
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length: some.length, nullCount: 0, children }),
    );
  });
}

/** No rows make a column of no rows, which `vectorFromArray` has no chunk for. */
const dataOf = (values: readonly (number | null)[], type: DataType): Data =>
  vectorFromArray([...values], type).data[0] ?? (makeData({ type } as never) as Data);

function keysOf(keys: readonly string[]): Data {
  const names = [...new Set([...keys].reverse())];
  return makeData({
    type: KEY,
    length: keys.length,
    nullCount: 0,
    data: Int32Array.from(keys, (key) => names.indexOf(key)),
    dictionary: vectorFromArray(names, new Utf8()),
  });
}

// ---- what has to come out -------------------------------------------------------------------------------------------

/** A row that is not what it has to be. */
export interface Off {
  readonly row: number;
  readonly actual: Out | undefined;
  readonly expected: Out | undefined;
  readonly tolerance: number | undefined;
}

/** The rows outside their tolerance. What is not finite has to be the same; `nulls: false` lets NaN stand for null. */
export function offRows(
  actual: readonly Out[],
  expected: readonly Out[],
  tolerance: readonly number[],
  nulls: boolean,
): Off[] {
  const same = (a: Out | undefined, b: Out | undefined, within: number | undefined): boolean => {
    if (a === undefined || b === undefined) return false;
    if (b === null) return a === null || (!nulls && Number.isNaN(a));
    return a !== null && (Object.is(a, b) || a === b || Math.abs(a - b) <= within!);
  };
  return Array.from({ length: Math.max(actual.length, expected.length) }, (_, row) => ({
    row,
    actual: actual[row],
    expected: expected[row],
    tolerance: tolerance[row],
  })).filter((one) => !same(one.actual, one.expected, one.tolerance));
}

/**
 * How far a row may be off, eps·M with M the largest |input|: mean, std 8 eps·M; sum 64 eps·M; corr 64 eps; var, cov of
 * v: 64 eps·M·(√|v| + 64 eps·M).
 */
export function toleranceOf(
  statistic: Statistic,
  rows: readonly Row[],
  expected: readonly Out[],
  eps = 2 ** -52,
): number[] {
  const inputs = rows.flatMap(({ x, y }) => [x, y ?? null]).filter((one) => one !== null && Number.isFinite(one));
  const unit = eps * inputs.reduce<number>((a, b) => Math.max(a, Math.abs(b!)), 0);
  return expected.map((v) => {
    if (statistic === 'mean' || statistic === 'std') return 8 * unit;
    if (statistic === 'sum') return 64 * unit;
    if (statistic === 'corr') return 64 * eps;
    return 64 * unit * (Math.sqrt(Math.abs(v ?? 0)) + 64 * unit);
  });
}
