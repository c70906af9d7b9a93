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

/** How much of the telemetry is wanted. */
export interface TelemetryOptions {
  /** How long it goes on. @default 86 400, a day */
  readonly seconds?: number;
  /** How many keys there are, at least 2. @default 1000 */
  readonly keys?: number;
  /** @default 10 */
  readonly secondsPerBatch?: number;
  /** @default 1 */
  readonly seed?: number;
}

/** One row of one key, as it arrives. */
export interface Reading {
  /** ms. */
  readonly at: number;
  readonly load: number | null;
  readonly celsius: number | null;
  /** Its stamp is before one of the same key that has arrived. */
  readonly late: boolean;
}

/** The key that stops after a third of the time, and the one that begins after two thirds; the others are all there. */
export const IDLE_KEY = 0;
export const LATE_KEY = 1;
export const keyName = (key: number): string => `host-${String(key).padStart(4, '0')}`;

/** A reading that is held up arrives so much later. */
const DELAY_SECONDS = 7;
const BEGINS = Date.UTC(2026, 0, 1);

const AT = new TimestampMillisecond();
const KEY = new Dictionary(new Utf8(), new Int32());
const FLOAT = new Float64();

/** Columns of the telemetry: key by dictionary, stamp in ms, two that may be null. (Arrow copies the schema of a batch that has a dictionary.) */
export const TELEMETRY_SCHEMA: Schema = new Schema([
  new Field('key', KEY, false),
  new Field('at', AT, false),
  new Field('load', FLOAT, true),
  new Field('celsius', FLOAT, true),
]);

/**
 * Second-by-second telemetry of many keys, made as it is read: the same for the same options, and no row is kept.
 *
 * A stamp is up to 400 ms past its second. About one reading in 500 is held up by 7 s and so late, one in 50 has a null,
 * and now and then a key is silent for a minute. Keys come in another order in each batch, so that the dictionaries,
 * which hold a batch's keys in the order they are met, differ.
 */
export function* telemetry(options: TelemetryOptions = {}): Generator<RecordBatch, void> {
  const { seconds, keys, secondsPerBatch, seed } = filled(options);
  const most = 2 * keys * secondsPerBatch; // what was held up comes beside what was not
  const type = new Struct(TELEMETRY_SCHEMA.fields);
  for (let from = 0, batch = 0; from < seconds; from += secondsPerBatch, batch++) {
    const codeOf = new Int32Array(keys).fill(-1);
    const known: number[] = [];
    const codes = new Int32Array(most);
    const at = new BigInt64Array(most);
    const words = new Uint32Array(at.buffer);
    const load = new Float64Array(most);
    const celsius = new Float64Array(most);
    let length = 0;
    let key = 0;
    const take = (second: number): void => {
      if (codeOf[key]! < 0) codeOf[key] = known.push(key) - 1;
      codes[length] = codeOf[key]!;
      const stamp = stampOf(seed, key, second);
      words[2 * length] = stamp % 2 ** 32; // a bigint for each would cost more than all the rest
      words[2 * length + 1] = Math.floor(stamp / 2 ** 32);
      load[length] = loadOf(seed, key, second);
      celsius[length++] = celsiusOf(seed, key, second);
    };
    for (let second = from; second < Math.min(from + secondsPerBatch, seconds); second++) {
      for (let i = 0; i < keys; i++) {
        key = (i + batch * 389) % keys;
        arrive(options, key, second, take);
      }
    }
    const dictionary = vectorFromArray(known.map(keyName), new Utf8());
    const children: Data[] = [
      makeData({ type: KEY, length, nullCount: 0, data: codes.subarray(0, length), dictionary }),
      makeData({ type: AT, length, nullCount: 0, data: at.subarray(0, length) }),
      floats(load.subarray(0, length)),
      floats(celsius.subarray(0, length)),
    ];
    yield new RecordBatch(TELEMETRY_SCHEMA, makeData({ type, length, nullCount: 0, children }));
  }
}

/** What `telemetry` has of one key, in the order of its rows there. */
export function* readingsOf(key: number, options: TelemetryOptions = {}): Generator<Reading, void> {
  const { seconds, seed } = filled(options);
  let newest = -Infinity;
  for (let second = 0; second < seconds; second++) {
    const some: number[] = [];
    arrive(options, key, second, (sent) => some.push(sent));
    for (const sent of some) {
      const at = stampOf(seed, key, sent);
      const late = at < newest;
      yield { at, load: cellOf(loadOf(seed, key, sent)), celsius: cellOf(celsiusOf(seed, key, sent)), late };
      newest = Math.max(newest, at);
    }
  }
}

/**
 * What the averages of one key must come to: Σ K(age) x / Σ K(age), K(t) = 2^(−t / halfLifeMs), over all that were on
 * time and there (`hold: 'sample'`, `late: 'skip'`). Summed anew for every row that is asked for, back to weights of
 * 2^−60, in doubles.
 *
 * @param every - of the key's readings, each how manieth is summed; of the others nothing is given
 * @returns the reading's place among those of the key, and its average; null before the first value
 */
export function referenceOf(
  key: number,
  column: 'load' | 'celsius',
  halfLifeMs: number,
  options: TelemetryOptions = {},
  every = 1,
): { place: number; late: boolean; mean: number | null }[] {
  const seen: { at: number; x: number }[] = [];
  const means: { place: number; late: boolean; mean: number | null }[] = [];
  let place = 0;
  for (const { at, late, [column]: x } of readingsOf(key, options)) {
    if (!late && x !== null) seen.push({ at, x });
    if (place % every === 0) means.push({ place, late, mean: meanOf(seen, halfLifeMs) });
    place++;
  }
  return means;
}

function meanOf(seen: readonly { readonly at: number; readonly x: number }[], halfLifeMs: number): number | null {
  const weightOf = (i: number): number => 2 ** ((seen[i]!.at - seen.at(-1)!.at) / halfLifeMs);
  let from = seen.length;
  while (from > 0 && weightOf(from - 1) >= 2 ** -60) from--;
  let [sum, weights] = [0, 0];
  for (let i = from; i < seen.length; i++) {
    sum += weightOf(i) * seen[i]!.x; // the small ones first
    weights += weightOf(i);
  }
  return weights === 0 ? null : sum / weights;
}

// ---- what happens when ----------------------------------------------------------------------------------------------

const DAY = 86_400;
const SEED = 1;
const filled = ({ seconds = DAY, keys = 1000, secondsPerBatch = 10, seed = SEED }: TelemetryOptions) => ({
  seconds,
  keys,
  secondsPerBatch,
  seed,
});

/** Takes the seconds at which a key sent what arrives in this one: what was held up comes after what was not, and so is late. */
function arrive(options: TelemetryOptions, key: number, second: number, take: (sent: number) => void): void {
  const { seed = SEED } = options;
  const held = second - DELAY_SECONDS;
  if (isSent(options, key, second) && !isHeldUp(seed, key, second)) take(second);
  if (held >= 0 && isHeldUp(seed, key, held) && isSent(options, key, held)) take(held);
}

function isSent({ seconds = DAY, seed = SEED }: TelemetryOptions, key: number, second: number): boolean {
  if (key === IDLE_KEY && second >= seconds / 3) return false;
  if (key === LATE_KEY && second < (2 * seconds) / 3) return false;
  return chance(seed, key, Math.floor(second / 60), 1) >= 0.02; // a minute of silence
}

const isHeldUp = (seed: number, key: number, second: number): boolean => chance(seed, key, second, 2) < 0.002;

const stampOf = (seed: number, key: number, second: number): number =>
  BEGINS + 1000 * second + Math.floor(400 * chance(seed, key, second, 3));

/** NaN where it is missing. */
function loadOf(seed: number, key: number, second: number): number {
  if (chance(seed, key, second, 4) < 0.02) return NaN;
  return 0.5 + 0.3 * Math.sin(second / 3000 + key) + 0.2 * (chance(seed, key, second, 5) - 0.5);
}

/** NaN where it is missing. */
function celsiusOf(seed: number, key: number, second: number): number {
  if (chance(seed, key, second, 6) < 0.02) return NaN;
  return 40 + (key % 30) + 5 * Math.sin(second / 13_750) + (chance(seed, key, second, 7) - 0.5);
}

const cellOf = (x: number): number | null => (Number.isNaN(x) ? null : x);

/** In [0, 1), the same for the same four numbers: an integer hash, so that no reading needs those before it. */
function chance(seed: number, key: number, second: number, salt: number): number {
  let h = Math.imul(seed, 0x9e3779b1) ^ Math.imul(key + 1, 0x85ebca6b) ^ Math.imul(second + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16) ^ Math.imul(salt, 0x27d4eb2f), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** A column of doubles, null where they are NaN. */
function floats(data: Float64Array): Data {
  const nullBitmap = new Uint8Array(Math.ceil(data.length / 8)).fill(255);
  let nullCount = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isNaN(data[i])) continue;
    nullCount++;
    nullBitmap[i >> 3]! &= ~(1 << (i & 7));
  }
  return makeData({ type: FLOAT, length: data.length, nullCount, nullBitmap, data });
}
