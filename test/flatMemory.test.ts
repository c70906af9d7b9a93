import {
  Dictionary,
  Field,
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
} from 'apache-arrow';
import { Ema, emaScan, ewm, type EmaOptions, type EwmOptions } from 'rx-ema';
import { Subject, type OperatorFunction } from 'rxjs';
import { afterEach, expect, it, vi } from 'vitest';
import { bytesHeld } from './support/bytesHeld.js';

const BATCHES = 100_000;
const EARLY = 20_000;
const ROWS = 8;
/** Four keys a batch, which move on by one: each is there for four batches, and after that never again. */
const KEYS = 4;
const MS_PER_BATCH = 1000;
/** A tenth of what 80 000 keys would need beside their numbers. */
const MOST_BYTES = 2e6;

const KEY = new Dictionary(new Utf8(), new Int32());
const AT = new TimestampMillisecond();
const FIELDS = [new Field('x', new Float64(), true), new Field('at', AT), new Field('key', KEY)];
const TYPE = new Struct(FIELDS);
const SCHEMA = new Schema(FIELDS);

/** A batch with a dictionary of its own. */
function batchOf(n: number, moved: number): RecordBatch {
  const names = Array.from({ length: KEYS }, (_, k) => `host-${moved + k}`);
  const children: Data[] = [
    makeData({ type: new Float64(), data: Float64Array.from({ length: ROWS }, (_, row) => Math.sin(n + row)) }),
    makeData({
      type: AT,
      data: BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(n * MS_PER_BATCH + row)),
    } as never) as Data,
    makeData({
      type: KEY,
      data: Int32Array.from({ length: ROWS }, (_, row) => row % KEYS),
      dictionary: vectorFromArray(names, new Utf8()),
    }),
  ];
  return new RecordBatch(SCHEMA, makeData({ type: TYPE, length: ROWS, nullCount: 0, children }));
}

type Batches = OperatorFunction<RecordBatch, RecordBatch>;
const idle = { halfLifeMs: 5000, time: 'at', by: 'key', idleMs: 10_000 };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Every batch through an operator: bytes held early and at the end, and the timers that were asked for. */
function driven(operator: Batches, batches = BATCHES, moves = 1): { grown: number; timers: number; rows: number } {
  const timers = [
    vi.spyOn(globalThis, 'setTimeout'),
    vi.spyOn(globalThis, 'setInterval'),
    vi.spyOn(globalThis, 'setImmediate'),
  ];
  const source = new Subject<RecordBatch>();
  let rows = 0;
  let early = 0;
  source.pipe(operator).subscribe((batch) => (rows += batch.numRows));
  for (let n = 0; n < batches; n++) {
    if (n === EARLY) early = bytesHeld();
    source.next(batchOf(n, n * moves));
  }
  const grown = bytesHeld() - early;
  source.complete();
  return { grown, timers: timers.reduce((calls, timer) => calls + timer.mock.calls.length, 0), rows };
}

it(`keys that come and go in ${BATCHES} batches, dictionaries that are never the same: the heap stays flat`, () => {
  const ema = new Ema<RecordBatch>(idle as EmaOptions<RecordBatch>);
  const { grown, timers, rows } = driven(emaScan(ema));
  expect(rows).toBe(BATCHES * ROWS);
  expect(grown).toBeLessThan(MOST_BYTES);
  expect(timers).toBe(0);
  expect(ema.dropped).toBeGreaterThan(0.999 * BATCHES);
  expect(ema.snapshot().shadows['weight']!.length).toBeLessThan(40);
});

it('so it does where only the dictionaries change', () => {
  const ema = new Ema<RecordBatch>({ decay: 0.9, by: 'key' });
  const { grown, timers } = driven(emaScan(ema), 3 * EARLY, 0);
  expect(grown).toBeLessThan(MOST_BYTES);
  expect(timers).toBe(0);
  expect(ema.step).toBe((3 * EARLY * ROWS) / KEYS);
});

it('so it does for the pandas family', () => {
  const statistic = ewm<RecordBatch>(idle as EwmOptions<RecordBatch>).var() as Batches;
  const { grown, timers, rows } = driven(statistic);
  expect(rows).toBe(BATCHES * ROWS);
  expect(grown).toBeLessThan(MOST_BYTES);
  expect(timers).toBe(0);
});

it('keys that are forgotten by the wall clock need no timer, and are dropped when others come', () => {
  let now = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  const ema = new Ema<{ key: string; x: number }>({ decay: 0.9, by: 'key', columns: ['x'], idleMs: 1000 });
  const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  for (let n = 0; n < BATCHES; n++, now += 10) ema.update({ key: `host-${n}`, x: n });
  expect(ema.snapshot().shadows['weight']!.length).toBeLessThan(250);
  expect(ema.dropped).toBeGreaterThan(0.99 * BATCHES);
  for (const timer of timers) expect(timer).not.toHaveBeenCalled();
});
