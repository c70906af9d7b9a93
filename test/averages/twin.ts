import * as fc from 'fast-check';
import type { Average, Moving } from '../../src/averages/average.js';
import { averagesOf } from '../../src/averages/averageOf.js';
import { OpsAverage } from '../../src/averages/opsAverage.js';
import { lerp32 } from '../../src/kernels/lerp32.js';
import { tensorOf } from '../../src/values/tensorOps.js';

// What averages on every backend are held to, in Node and in a browser: nothing here needs either, or a test runner.

const MAX32 = 2 ** 128 - 2 ** 104;
const cell = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((k) => k / 1024) }, // neither TensorFlow nor GPUs have subnormals
  fc.constantFrom(0, NaN, Infinity, -Infinity, MAX32, -MAX32),
);
const gains = fc.oneof(fc.double({ min: 2 ** -126, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-4));
const rows = fc.array(fc.array(cell, { minLength: 7, maxLength: 7 }), { minLength: 2, maxLength: 5 });

export type Make = (first: Float32Array, moving: Moving) => Average;
export interface Way {
  readonly size: number;
  readonly make: Make;
}

const begun: Make = (first, moving) =>
  averagesOf([{ shape: [first.length], array: null, begin: () => ({ values: first, low: null }) }], moving)[0]!;

const byOps: Make = (first, moving) => {
  const low = moving.compensated ? tensorOf(new Float32Array(first.length), [first.length]) : null;
  return new OpsAverage(tensorOf(first.slice(), [first.length]), low, moving);
};

/** Backends treat small tensors and large ones differently. */
export const WAYS = {
  small: { size: 7, make: begun },
  large: { size: 3000, make: begun },
  'by ops alone': { size: 7, make: byOps },
} satisfies Record<string, Way>;

interface Shown {
  readonly values: readonly number[][];
  readonly refused: number;
  readonly low: readonly number[];
}

/** What an average of that kind, begun with the first row, shows after each of the others, and how many it left out. */
function shown(average: Average, updates: readonly Float32Array[], gain: number): Shown {
  let refused = 0;
  const values = updates.map((x) => {
    const value = tensorOf(x.slice(), [x.length]);
    refused += average.move(value, gain);
    value.dispose();
    return Array.from(average.values());
  });
  refused += average.refusedMeanwhile?.() ?? 0;
  const low = Array.from(average.low() ?? []);
  average.dispose();
  return { values, refused, low };
}

function byTwin([first, ...updates]: readonly Float32Array[], gain: number, moving: Moving): Shown {
  const y = first!.slice();
  const low = moving.compensated ? new Float32Array(y.length) : null;
  let refused = 0;
  const values = updates.map((x) => {
    refused += lerp32(y, low, x, gain, moving.guarded);
    return Array.from(y);
  });
  return { values, refused, low: Array.from(low ?? []) };
}

/** Where the two differ by more than `relative`: exactly nowhere, low terms included, if that is 0. */
function differences(got: Shown, want: Shown, relative: number): string[] {
  const near = (a: number, b: number): boolean =>
    Object.is(a, b) || Math.abs(a - b) <= relative * Math.max(1000, Math.abs(b));
  const off = want.values.flatMap((row, t) =>
    row.flatMap((value, i) =>
      near(got.values[t]![i]!, value) ? [] : [`${got.values[t]![i]} for ${value} at update ${t + 1}, element ${i}`],
    ),
  );
  if (got.refused !== want.refused) off.push(`${got.refused} refused for ${want.refused}`);
  if (relative === 0 && !want.low.every((value, i) => Object.is(got.low[i], value))) off.push('other low terms');
  return off.slice(0, 5);
}

function differ({ size, make }: Way, cells: readonly number[][], gain: number, moving: Moving, relative: number) {
  const tiled = cells.map((row) => Float32Array.from({ length: size }, (_, i) => row[i % row.length]!));
  const [first, ...updates] = tiled;
  return differences(shown(make(first!, moving), updates, gain), byTwin(tiled, gain, moving), relative);
}

/** Random rows in which anything may be not finite, at random gains: a report of the first that differ, or null. */
export function movesOtherwise(way: Way, compensated: boolean, relative: number, runs: number): string | null {
  const moving = { guarded: true, compensated };
  const moves = fc.property(rows, gains, (cells, gain) => {
    const off = differ(way, cells, gain, moving, relative);
    if (off.length > 0) throw new Error(off.join('; '));
  });
  const details = fc.check(moves, { seed: 1, numRuns: way.size > 100 ? runs / 3 : runs });
  return fc.defaultReportMessage(details) ?? null;
}

/** The same without a guard, for one of each that is not finite. */
export function propagatesOtherwise(way: Way, relative: number): string[] {
  const cells = [1, NaN, 3, Infinity].map((x, k) => Array.from({ length: 7 }, (_, i) => (k === 0 || i === k ? x : 2)));
  return differ(way, cells, 0.5, { guarded: false, compensated: false }, relative);
}

/**
 * How far 1 is from where it belongs after updates of 2, at a gain so small that rounding can take a step whole: one ulp of
 * 1 is 1.2e-7, so a step alone moves nothing, or too much (maths M10).
 */
export function crawlsBeside({ size, make }: Way, compensated: boolean, updates: number): number {
  const filled = (value: number): Float32Array => new Float32Array(size).fill(value);
  const average = make(filled(1), { guarded: true, compensated });
  const target = tensorOf(filled(2), [size]);
  for (let n = 0; n < updates; n++) average.move(target, 1e-7);
  const value = average.values()[0]!;
  for (const one of [average, target]) one.dispose();
  return Math.abs(value - (2 - (1 - 1e-7) ** updates));
}
