import { WAYS } from '../../decay/rates.js';
import { STEP_FLAGS } from '../cli/stepFlags.js';
import { UsageError } from '../cli/usageError.js';

/** How much to smooth. */
export interface Smoothing {
  /** In words, for whoever looks at the picture. @param counts - as `alphaFor` takes them, of all panels */
  readonly words: (counts: readonly number[]) => string;
  /** @param count - values of the longest curve in a panel */
  readonly alphaFor: (count: number) => number;
}

export type SmoothingGiven = { readonly [K in keyof typeof STEP_FLAGS]?: number };

/**
 * The one way to smooth that was asked for; without one a half-life of ½√n values, which shows the course of
 * a short curve and the turns of a long one.
 *
 * @throws UsageError for two of them, and for one out of range
 */
export function smoothingOf(given: SmoothingGiven): Smoothing {
  const [way, other] = (Object.keys(STEP_FLAGS) as (keyof typeof STEP_FLAGS)[]).filter(
    (one) => given[one] !== undefined,
  );
  if (way === undefined) {
    return {
      words: (counts) => `half-life ${rangeOf(counts.map(usualHalfLife))} values`,
      alphaFor: (count) => WAYS.halfLife.rate(usualHalfLife(count))!.alpha,
    };
  }
  const flags = STEP_FLAGS;
  if (other !== undefined)
    throw new UsageError(`there must be one way to smooth, got ${flags[way]} and ${flags[other]}`);
  const value = given[way]!;
  const rate = WAYS[way].rate(value);
  if (rate === null) throw new UsageError(`${flags[way]} must ${WAYS[way].range}, got ${value}`);
  const unit = way === 'halfLife' || way === 'tau' || way === 'span' ? ' values' : '';
  return { words: () => `${flags[way].slice(2)} ${value}${unit}`, alphaFor: () => rate.alpha };
}

const usualHalfLife = (count: number): number => Math.max(1, Math.sqrt(count) / 2);

/** One number, or the least and the largest, to three digits. */
function rangeOf(values: readonly number[]): string {
  const ends = [Math.min(...values), Math.max(...values)].map((value) => String(Number(value.toPrecision(3))));
  return [...new Set(ends)].join(' to ');
}
