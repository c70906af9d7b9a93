import { Ema } from 'rx-ema';
import type { Sent } from '../../kafka/support/produceAll.js';
import { curve, seeded } from '../harness.js';
import { HALF_LIFE_MS, type CodecName, type Reading } from './job.js';

/** Readings of many sensors in one order, one each millisecond: the time of a message says which it is. */
export interface Input {
  readonly count: number;
  /** `at` of the first. */
  readonly since: number;
  readonly celsius: Float64Array;
  /** Of each reading, the number of its sensor. */
  readonly sensor: Uint32Array;
}

/** Who reads next is drawn; but if there are as many sensors as readings, each reads once. */
export function readings(count: number, sensors: number): Input {
  const random = seeded(2);
  const sensor = Uint32Array.from({ length: count }, (_, i) =>
    sensors === count ? i : Math.floor(random() * sensors),
  );
  return { count, since: Date.now() - count, celsius: curve(count, 1), sensor };
}

/** The key of a reading's message. */
export const keyOf = ({ sensor }: Input, i: number): string => `sensor-${String(sensor[i]).padStart(7, '0')}`;

/** A reading as the value of a message. */
export function encoded(codec: CodecName, reading: Reading): Buffer {
  if (codec === 'json') return Buffer.from(JSON.stringify(reading));
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(reading.celsius);
  return bytes;
}

/** `celsius` of a message's value. */
export function decoded(codec: CodecName, value: Buffer): number {
  return codec === 'json' ? (JSON.parse(value.toString()) as Reading).celsius : value.readDoubleLE();
}

/** The messages of an input. */
export function* messagesOf(input: Input, codec: CodecName): Generator<Sent> {
  for (let i = 0; i < input.count; i++) {
    const reading = { at: input.since + i, celsius: input.celsius[i]! };
    yield { key: keyOf(input, i), value: encoded(codec, reading), timestamp: reading.at };
  }
}

/** What an `Ema` makes of each reading. Throws if that is not what the definition gives. */
export function smoothed({ count, since, celsius, sensor }: Input): Float64Array {
  const ema = new Ema<Reading & { key: number }>({
    halfLifeMs: HALF_LIFE_MS,
    time: 'at',
    by: 'key',
    columns: ['celsius'],
  });
  const states = new Map<number, { y: number; weight: number; at: number }>();
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [key, at, x] = [sensor[i]!, since + i, celsius[i]!];
    out[i] = ema.update({ key, at, celsius: x }).celsius;
    const before = states.get(key) ?? { y: 0, weight: 0, at };
    const weight = before.weight * 2 ** ((before.at - at) / HALF_LIFE_MS) + 1;
    const y = before.y + (x - before.y) / weight;
    states.set(key, { y, weight, at });
    if (!near(out[i]!, y)) throw new Error(`an Ema gives ${out[i]} for reading ${i}, where the definition gives ${y}`);
  }
  return out;
}

/** How far apart two programs' results may be, relatively: each is some units in the last place from the truth. */
export const TOLERANCE = 1e-12;

export const near = (got: number, want: number): boolean => Math.abs(got - want) <= TOLERANCE * Math.abs(want);
