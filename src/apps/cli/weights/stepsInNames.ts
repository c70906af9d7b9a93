import { UsageError } from '../usageError.js';

/**
 * The training step of each checkpoint: the last number in its path.
 *
 * @throws UsageError for a path without one, and for steps that don't rise
 */
export function stepsInNames(paths: readonly string[]): number[] {
  const steps = paths.map(lastNumber);
  for (const [i, step] of steps.entries()) {
    if (step === null) throw unfit(`a number in each name, got none in '${paths[i]!}'`);
    if (i > 0 && step <= steps[i - 1]!) throw unfit(`numbers that rise, got '${paths[i - 1]!}' before '${paths[i]!}'`);
  }
  return steps as number[];
}

/** The steps between two checkpoints, if the names say that they are evenly spaced; else null. */
export function spacingInNames(paths: readonly string[]): number | null {
  const steps = paths.map(lastNumber);
  const [first, second] = steps;
  if (first == null || second == null || second <= first) return null;
  const even = steps.every((step, i) => step === first + i * (second - first));
  return even ? second - first : null;
}

function lastNumber(path: string): number | null {
  const digits = /(\d+)\D*$/.exec(path.replace(/\.safetensors$/, ''))?.[1];
  return digits === undefined ? null : Number(digits);
}

function unfit(what: string): UsageError {
  return new UsageError(`--steps-per-update auto must find ${what}`);
}
