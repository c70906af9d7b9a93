import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { random, shuffle } from './random.js';

/** Pixels of a digit: 8 × 8, row by row. */
export const SIDE = 8;
export const PIXELS: number = SIDE * SIDE;
export const CLASSES = 10;

export interface Digit {
  /** 64 shades in [0, 1]. */
  readonly pixels: Float32Array;
  /** 0 … 9. */
  readonly label: number;
}

export interface Digits {
  readonly train: readonly Digit[];
  readonly test: readonly Digit[];
}

const TRAIN = 1200;
const SPLIT_SEED = 7;

/** The 1797 hand-written digits: 1200 to train with, 597 to test. The split is the same in every run, whatever its seed. */
export function loadDigits(): Digits {
  const csv = gunzipSync(readFileSync(new URL('../data/digits.csv.gz', import.meta.url))).toString();
  const { data } = Papa.parse<number[]>(csv, { dynamicTyping: true, skipEmptyLines: true });
  const digits = data.map((row) => ({
    pixels: Float32Array.from(row.slice(0, PIXELS), (shade) => shade / 16),
    label: row[PIXELS]!,
  }));
  shuffle(digits, random(SPLIT_SEED));
  return { train: digits.slice(0, TRAIN), test: digits.slice(TRAIN) };
}
