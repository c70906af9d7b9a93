import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RecordBatch } from 'apache-arrow';
import { Subject, type Observable } from 'rxjs';
import { biasCorrected, emaBank, emaScan, ewm, type EmaOptions } from 'rx-ema';
import {
  batchOf,
  columnData,
  defined,
  dictionary,
  digest,
  EARLY,
  float32,
  float64,
  inBatches,
  LATE,
  STRIDE,
  timestamps,
  varianceAt,
  withNulls,
  type ColumnData,
  type Definition,
} from './columnData.js';
import type { Contest, Size } from './harness.js';
import { peers, type Peer } from './peers.js';

const DECAY = 0.9;
/** With this, and four rows of a key a pass, a pass comes to the same as the one before after so many. */
const KEYED_DECAY = 0.5;
const PASSES = 14;
const HALF_LIFE_MS = 2_000;
const SMALL_ROWS = 100;

type Smoothing = (source: Observable<RecordBatch>) => Observable<RecordBatch>;

/** What every row of the table is made of. */
interface Bench {
  readonly data: ColumnData;
  readonly batchRows: number;
  readonly others: readonly Peer[];
}

/** Batches through a pipe. */
interface Task {
  readonly name: string;
  readonly batches: readonly RecordBatch[];
  readonly smoothing: Smoothing;
  /** The first row of a batch that is read. */
  readonly first: number;
  /** Which column is read. @default 0 */
  readonly column?: number;
  readonly tolerance?: number;
}

/** Arrow batches: against a copy of the column into fresh memory, and against pandas and polars on the whole column. */
export function* columns({ smoke }: Size): Generator<Contest> {
  const batchRows = smoke ? 2_048 : 65_536;
  const keys = smoke ? [100, 2_048] : [1_000, 1_000_000];
  const data = columnData((smoke ? 4 : 64) * batchRows, batchRows);
  if (smoke) console.log('columns: a smoke run leaves pandas and polars out');
  const others = smoke ? [] : ranElsewhere(data, batchRows, keys);
  const bench = { data, batchRows, others };
  // one after the other: batches that wait for their turn would be looked through by every collection of garbage
  for (const rows of [plain, gappy, singles, moments, pairs, timed]) yield* rows(bench);
  yield bank(bench);
  yield smallBatches(bench);
  for (const count of keys) yield* keyed(bench, count);
}

// ---- the rows of the table ------------------------------------------------------------------------------------------

function plain(bench: Bench): Contest[] {
  const { x } = bench.data;
  const batches = inBatches({ x: float64(x) }, bench.data.rows, bench.batchRows);
  return rawAndCorrected('', batches).flatMap(({ correct, ...task }) => [
    againstSlice(task, 1.5, expected(bench, task, x, { decay: DECAY, correct })),
    ...againstPeers(bench, task, correct ? 'corrected' : 'raw', 1 / 6),
  ]);
}

function gappy(bench: Bench): Contest[] {
  const { x, there } = bench.data;
  const batches = inBatches({ x: withNulls(x, there) }, bench.data.rows, bench.batchRows);
  return rawAndCorrected(', 10 % nulls', batches).flatMap(({ correct, ...task }) => [
    againstSlice(task, 3, expected(bench, task, x, { decay: DECAY, correct, there })),
    ...againstPeers(bench, task, correct ? 'correctedNulls' : 'rawNulls', 1 / 3),
  ]);
}

function singles(bench: Bench): Contest[] {
  const x = Float32Array.from(bench.data.x);
  const batches = inBatches({ x: float32(x) }, bench.data.rows, bench.batchRows);
  return rawAndCorrected(', float32', batches).map(({ correct, ...task }) =>
    againstSlice({ ...task, tolerance: 1e-6 }, 1.6, expected(bench, task, x, { decay: DECAY, correct })),
  );
}

function moments(bench: Bench): Contest[] {
  const { x, rows } = bench.data;
  const batches = inBatches({ x: float64(x) }, rows, bench.batchRows);
  const family = ewm<RecordBatch>({ alpha: 1 - DECAY });
  return (['mean', 'var', 'std'] as const).flatMap((statistic) => {
    const task = { name: `columns: ewm ${statistic}`, batches, smoothing: family[statistic](), first: EARLY };
    const mean = statistic === 'mean' ? defined(x, { decay: DECAY, correct: true }) : null;
    const want = sumOfRead(rows, bench, EARLY, (row) => {
      if (mean !== null) return mean[row]!;
      const variance = varianceAt(x, DECAY, row);
      return statistic === 'var' ? variance : Math.sqrt(variance);
    });
    const aim = statistic === 'mean' ? 1.5 : 3.5;
    return [
      againstSlice({ ...task, tolerance: 1e-10 }, aim, want),
      ...againstPeers(bench, { ...task, tolerance: 1e-10 }, statistic, statistic === 'mean' ? 1 / 6 : 1 / 4),
    ];
  });
}

function pairs(bench: Bench): Contest[] {
  const { x, y, rows } = bench.data;
  const batches = inBatches({ x: float64(x), y: float64(y) }, rows, bench.batchRows);
  const family = ewm<RecordBatch>({ alpha: 1 - DECAY });
  return (['cov', 'corr'] as const).flatMap((statistic) => {
    const smooth = family[statistic]('x', 'y');
    const task = {
      name: `columns: ewm ${statistic}`,
      batches,
      smoothing: smooth,
      first: EARLY,
      column: 2,
      tolerance: 1e-10,
    };
    return againstPeers(bench, task, statistic, 1 / 2.5);
  });
}

function timed(bench: Bench): Contest[] {
  const { rows, x, times, evenTimes } = bench.data;
  const cut = (time?: BigInt64Array): RecordBatch[] =>
    inBatches({ x: float64(x), ...(time && { time: timestamps(time) }) }, rows, bench.batchRows);
  const halfLife = HALF_LIFE_MS / 1000; // the even stamps are a second apart
  return (['sample', 'next'] as const).flatMap((hold) => {
    const clocked = smoothing({ halfLifeMs: HALF_LIFE_MS, time: 'time', hold }, false);
    const uneven = { name: `columns: hold '${hold}'`, batches: cut(times), smoothing: clocked, first: EARLY };
    const even = { ...uneven, name: `${uneven.name}, even stamps`, batches: cut(evenTimes) };
    const untimed = hold === 'sample' ? smoothing({ halfLife }, true) : smoothing({ halfLife, start: 'first' }, false);
    const peer = fed({ ...uneven, batches: cut(), smoothing: untimed });
    return [
      ...againstPeers(bench, uneven, hold, 1 / 3),
      { ...contest(even), peerName: 'the same without stamps', peer, aim: 1.5 },
    ];
  });
}

/** Twelve horizons against one: the column is read once, and every horizon has memory of its own to write. */
function bank({ data, batchRows }: Bench): Contest {
  const batches = inBatches({ x: float64(data.x) }, data.rows, batchRows);
  const task = (horizons: number): Task => ({
    name: `columns: emaBank of ${horizons} horizons`,
    batches,
    smoothing: emaBank<RecordBatch>({ decays: Array.from({ length: horizons }, (_, i) => DECAY * 0.9 ** i) }),
    first: EARLY,
    column: 1,
    tolerance: 1e-14,
  });
  return { ...contest(task(12)), peerName: 'emaBank of 1', peer: fed(task(1)), aim: 5 };
}

/** What a batch costs beside being built. */
function smallBatches({ data: { x } }: Bench): Contest {
  const count = Math.min(Math.floor(x.length / SMALL_ROWS), 10_000);
  const build = (i: number): RecordBatch =>
    batchOf({ x: (from, to) => float64(x.slice(from, to))(0, to - from) }, i * SMALL_ROWS, SMALL_ROWS);
  const smooth = smoothing({ decay: DECAY }, true);
  const all = defined(x, { decay: DECAY, correct: true });
  let sum = 0;
  for (let i = 0; i < count; i++) sum += all[i * SMALL_ROWS + EARLY]!;
  return {
    name: `columns: batches of ${SMALL_ROWS} rows`,
    unit: 'batch',
    count,
    ours: () => {
      const subject = new Subject<RecordBatch>();
      let total = 0;
      subject.pipe(smooth).subscribe((out) => (total += digest(out, EARLY)));
      for (let i = 0; i < count; i++) subject.next(build(i));
      return total;
    },
    peerName: 'building them',
    peer: () => {
      let total = 0;
      for (let i = 0; i < count; i++) total += digest(build(i), EARLY);
      return total;
    },
    expected: sum,
    tolerance: 1e-12,
    beyond: 3_000,
  };
}

function keyed(bench: Bench, count: number): Contest[] {
  const { data, batchRows } = bench;
  const keys = data.keysOf(count);
  const batches = inBatches({ x: float64(data.x), key: dictionary(keys, count) }, data.rows, batchRows);
  const smooth = smoothing({ decay: KEYED_DECAY, by: 'key' }, true);
  const task = { name: `columns: ${count} keys`, batches, smoothing: smooth, first: EARLY };
  const definition = { decay: KEYED_DECAY, correct: true, keys };
  const known = { ...task, name: `${task.name}, seen before` };
  const last = expected(bench, task, data.x, { ...definition, passes: PASSES });
  if (count * 2 > batchRows) printMemory(bench, count, keys);
  return [
    { ...againstSlice(known, 4, last), ours: goingOn(task) },
    againstSlice(task, undefined, expected(bench, task, data.x, definition)),
    ...againstPeers(bench, task, `keyed${count}`, 1 / 3),
  ];
}

/** Bytes for a key and column, beside the key itself: what a second column takes. */
function printMemory({ data, batchRows }: Bench, count: number, codes: Int32Array): void {
  const key = dictionary(codes, count);
  const one = inBatches({ x: float64(data.x), key }, data.rows, batchRows);
  const two = inBatches({ x: float64(data.x), y: float64(data.y), key }, data.rows, batchRows);
  const family = ewm<RecordBatch>({ alpha: 1 - DECAY, by: 'key' });
  const ways = { emaScan: smoothing({ decay: DECAY, by: 'key' }, false), 'ewm var': family.var() };
  for (const [name, smooth] of Object.entries(ways)) {
    const [first, both] = [bytesHeld(one, smooth), bytesHeld(two, smooth)];
    const each = (bytes: number): string => (bytes / count).toFixed(0);
    console.log(
      `columns: ${count} keys: ${name} holds ${each(both - first)} bytes a key and column, ${each(first)} with the key itself`,
    );
  }
}

// ---- ours -----------------------------------------------------------------------------------------------------------

function smoothing(options: EmaOptions<RecordBatch>, correct: boolean): Smoothing {
  const raw = emaScan(options);
  return (source) => (correct ? source.pipe(raw, biasCorrected()) : source.pipe(raw));
}

function rawAndCorrected(of: string, batches: readonly RecordBatch[]): (Task & { correct: boolean })[] {
  return [false, true].map((correct) => ({
    name: `columns: emaScan${correct ? ', biasCorrected' : ''}${of}`,
    batches,
    smoothing: smoothing({ decay: DECAY }, correct),
    first: correct ? EARLY : LATE,
    correct,
  }));
}

/** Sends all batches through a pipe of its own. */
function fed({ batches, smoothing: smooth, first, column = 0 }: Task): () => number {
  return () => {
    const subject = new Subject<RecordBatch>();
    let sum = 0;
    subject.pipe(smooth).subscribe((out) => (sum += digest(out, first, column)));
    for (const batch of batches) subject.next(batch);
    return sum;
  };
}

/** Sends them again and again through one pipe, which has got as far as it gets before the first call returns. */
function goingOn({ batches, smoothing: smooth, first }: Task): () => number {
  const subject = new Subject<RecordBatch>();
  let sum = 0;
  const pass = (): number => {
    sum = 0;
    for (const batch of batches) subject.next(batch);
    return sum;
  };
  return () => {
    if (!subject.observed) {
      subject.pipe(smooth).subscribe((out) => (sum += digest(out, first)));
      for (let i = 1; i < PASSES; i++) pass();
    }
    return pass();
  };
}

/** What a pipe holds after all batches, the last ones out among it. */
function bytesHeld(batches: readonly RecordBatch[], smooth: Smoothing): number {
  const subject = new Subject<RecordBatch>();
  const before = bytesInUse();
  const subscription = subject.pipe(smooth).subscribe();
  for (const batch of batches) subject.next(batch);
  const bytes = bytesInUse() - before;
  subscription.unsubscribe();
  return bytes;
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// ---- against --------------------------------------------------------------------------------------------------------

function contest(task: Task): Pick<Contest, 'name' | 'unit' | 'count' | 'ours' | 'tolerance'> {
  const { name, batches, tolerance = 1e-12 } = task;
  const count = batches.reduce((rows, { numRows }) => rows + numRows, 0);
  return { name, unit: 'row', count, ours: fed(task), tolerance };
}

function againstSlice(task: Task, aim: number | undefined, want: number): Contest {
  const peer = (): number => {
    let sum = 0;
    for (const { data } of task.batches) {
      const { values, nullBitmap, nullCount } = data.children[0]!;
      sum += (values as Float64Array).slice()[0]!;
      if (nullCount > 0) sum += nullBitmap.slice()[0]!;
    }
    return sum;
  };
  return { ...contest(task), peerName: 'slice() of the column', peer, expected: want, aim };
}

function againstPeers({ others }: Bench, task: Task, peerCase: string, aim: number): Contest[] {
  return others.flatMap(({ name, cases }) => {
    const peer = cases[peerCase];
    return peer === undefined ? [] : [{ ...contest(task), peerName: name, peer, aim }];
  });
}

/** What the definition gives. */
function expected(bench: Bench, { first }: Task, x: ArrayLike<number>, definition: Definition): number {
  const out = defined(x, definition);
  return sumOfRead(out.length, bench, first, (row) => out[row]!);
}

/** Sum over the rows that `digest` reads. */
function sumOfRead(rows: number, { batchRows }: Bench, first: number, at: (row: number) => number): number {
  let sum = 0;
  for (let from = 0; from < rows; from += batchRows) {
    for (let row = first; row < batchRows; row += STRIDE) sum += at(from + row);
  }
  return sum;
}

function ranElsewhere(data: ColumnData, batchRows: number, keys: readonly number[]): Peer[] {
  const plan = {
    rows: data.rows,
    batchRows,
    keys,
    stride: STRIDE,
    early: EARLY,
    late: LATE,
    alpha: 1 - DECAY,
    keyedAlpha: 1 - KEYED_DECAY,
    halfLifeMs: HALF_LIFE_MS,
    runs: 9,
  };
  const codes = keys.map((count) => [`keys-${count}.i32`, data.keysOf(count)] as const);
  const files = {
    'x.f64': data.x,
    'y.f64': data.y,
    'there.u8': data.there,
    'time.i64': data.times,
    ...Object.fromEntries(codes),
  };
  return peers(plan, files);
}
