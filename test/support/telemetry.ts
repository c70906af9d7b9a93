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
  const { seconds, keys, secondsPerBatch } = filled(options);
  for (let from = 0, batch = 0; from < seconds; from += secondsPerBatch, batch++) {
    const codes = new Map<number, number>();
    const rows = {
      codes: [] as number[],
      at: [] as bigint[],
      load: [] as (number | null)[],
      celsius: [] as (number | null)[],
    };
    for (let second = from; second < Math.min(from + secondsPerBatch, seconds); second++) {
      for (let i = 0; i < keys; i++) {
        const key = (i + batch * 389) % keys;
        for (const { at, load, celsius } of arrivals(options, key, second)) {
          if (!codes.has(key)) codes.set(key, codes.size);
          rows.codes.push(codes.get(key)!);
          rows.at.push(BigInt(at));
          rows.load.push(load);
          rows.celsius.push(celsius);
        }
      }
    }
    const length = rows.codes.length;
    const dictionary = vectorFromArray([...codes.keys()].map(keyName), new Utf8());
    const children: Data[] = [
      makeData({ type: KEY, length, nullCount: 0, data: Int32Array.from(rows.codes), dictionary }),
      makeData({ type: AT, length, nullCount: 0, data: BigInt64Array.from(rows.at) }),
      floats(rows.load),
      floats(rows.celsius),
    ];
    const type = new Struct(TELEMETRY_SCHEMA.fields);
    yield new RecordBatch(TELEMETRY_SCHEMA, makeData({ type, length, nullCount: 0, children }));
  }
}

/** What `telemetry` has of one key, in the order of its rows there. */
export function* readingsOf(key: number, options: TelemetryOptions = {}): Generator<Reading, void> {
  let newest = -Infinity;
  for (let second = 0; second < filled(options).seconds; second++) {
    for (const reading of arrivals(options, key, second)) {
      yield { ...reading, late: reading.at < newest };
      newest = Math.max(newest, reading.at);
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

const filled = ({ seconds = 86_400, keys = 1000, secondsPerBatch = 10, seed = 1 }: TelemetryOptions) => ({
  seconds,
  keys,
  secondsPerBatch,
  seed,
});

/** What a key sends that arrives in this second: what was held up comes after what was not, and so is late. */
function arrivals(options: TelemetryOptions, key: number, second: number): Omit<Reading, 'late'>[] {
  const { seed } = filled(options);
  const held = second - DELAY_SECONDS;
  const some: Omit<Reading, 'late'>[] = [];
  if (isSent(options, key, second) && !isHeldUp(seed, key, second)) some.push(reading(seed, key, second));
  if (held >= 0 && isSent(options, key, held) && isHeldUp(seed, key, held)) some.push(reading(seed, key, held));
  return some;
}

function isSent(options: TelemetryOptions, key: number, second: number): boolean {
  const { seconds, seed } = filled(options);
  if (key === IDLE_KEY && second >= seconds / 3) return false;
  if (key === LATE_KEY && second < (2 * seconds) / 3) return false;
  return chance(seed, key, Math.floor(second / 60), 1) >= 0.02; // a minute of silence
}

const isHeldUp = (seed: number, key: number, second: number): boolean => chance(seed, key, second, 2) < 0.002;

function reading(seed: number, key: number, second: number): Omit<Reading, 'late'> {
  const noise = (salt: number): number => chance(seed, key, second, salt) - 0.5;
  const isNull = (salt: number): boolean => chance(seed, key, second, salt) < 0.02;
  return {
    at: BEGINS + 1000 * second + Math.floor(400 * chance(seed, key, second, 3)),
    load: isNull(4) ? null : 0.5 + 0.3 * Math.sin(second / 3000 + key) + 0.2 * noise(5),
    celsius: isNull(6) ? null : 40 + (key % 30) + 5 * Math.sin(second / 13_750) + noise(7),
  };
}

/** In [0, 1), the same for the same four numbers: an integer hash, so that no reading needs those before it. */
function chance(seed: number, key: number, second: number, salt: number): number {
  let h = Math.imul(seed, 0x9e3779b1) ^ Math.imul(key + 1, 0x85ebca6b) ^ Math.imul(second + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16) ^ Math.imul(salt, 0x27d4eb2f), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

function floats(values: readonly (number | null)[]): Data {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  let nullCount = 0;
  values.forEach((value, i) => {
    if (value === null) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  });
  const data = Float64Array.from(values, (value) => value ?? NaN);
  return makeData({ type: FLOAT, length: values.length, nullCount, nullBitmap, data });
}
