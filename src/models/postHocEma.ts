import { gammaFromSigmaRel } from '../decay/powerProfile.js';
import { shown, SmoothingError } from '../errors.js';
import { read } from '../options.js';
import type { SavedArray, Snapshot } from '../types.js';
import { shaped } from '../values/shapes.js';
import { track, type Track } from './postHocTrack.js';
import { fitter, type Fit } from './postHocFit.js';

/** Of {@link postHocEma}. */
export interface PostHocOptions<S extends number | readonly number[]> {
  /** Of `ModelEma`s whose decay is a `powerDecay`: some tracks of different widths, each saved many times as it went on. */
  snapshots: Iterable<Snapshot>;
  /** The width of the average that is wanted, relative to the length of the training, in (0, 0.2886]; or several. */
  sigmaRel: S;
  /** The training step at which that average ends. @default that of the newest snapshot */
  step?: number;
}

/** What {@link postHocEma} makes for one width. */
export interface PostHocEma<W> {
  /** Averages by name as typed arrays, the receiver's; weights that are not averaged as the newest snapshot up to `step` has them. */
  readonly weights: Record<string, W>;
  readonly sigmaRel: number;
  readonly step: number;
  /** How far the average made is from the one asked for: ‖p − Σ x_i p_i‖/‖p‖ of their profiles over the training. */
  readonly residual: number;
}

/** The largest residual that is let pass. */
const RESIDUAL = 0.05;
/** The first and last width that a refusal looks at, in thousandths: gamma = 0, the plain mean, is at 0.2886…. */
const WIDTHS = [1, 288] as const;

/**
 * An average of any length, made after the training: the EMA length becomes something to choose by looking.
 *
 * Every snapshot of a power-function average holds θ_i = ∫ p_i(s)·θ(s) ds with the profile p_i(s) ∝ s^gamma on [0, step]. Their
 * sum Σ x_i·θ_i has the profile Σ x_i·p_i, and the shares x are those that bring it nearest to the profile asked for (least
 * squares, in float64, divided by their sum: a constant stays constant). Two tracks, of widths 0.05 and 0.10, and sixteen
 * snapshots of each reach the widths from 0.028 to 0.233.
 *
 * @typeParam W - the arrays that come out: `Float32Array`, or `Float64Array` for averages in such
 * @param options.snapshots - read one weight at a time; those of files need no more memory than one weight
 * @param options.sigmaRel - in (0, 0.2886]; of a list, each weight is read once for all of it
 * @param options.step - training steps (updates times `stepsPerUpdate`), an integer > 0 up to that of the newest snapshot. An
 * average weighs its last steps most, so only those of snapshots fit well
 * @returns the averages and the residual of the fit; for a list, a list
 * @throws SmoothingError `FIT_RESIDUAL` if the snapshots don't carry that average (a residual over 5 %): it says which widths
 * they do; `DECAY_RANGE` for a width out of range, `OPTION_VALUE` for no snapshots or a step beyond them, `SNAPSHOT_OPTIONS` for
 * snapshots of other decays than `powerDecay`, `NAMES_MISMATCH` and `SHAPE_MISMATCH` for snapshots of different models
 * @example
 * ```ts
 * import { ModelEma, postHocEma, powerDecay, type Snapshot } from 'rx-ema';
 * const tracks = [0.05, 0.1].map((sigmaRel) => new ModelEma<Float64Array>({ decay: powerDecay({ sigmaRel }) }));
 * const snapshots: Snapshot[] = [];
 * for (let step = 0; step <= 1600; step++) {
 *   for (const ema of tracks) {
 *     ema.update({ w: Float64Array.of(step / 1600) });
 *     if (step > 0 && step % 100 === 0) snapshots.push(ema.snapshot());
 *   }
 * }
 * const { weights, residual } = postHocEma({ snapshots, sigmaRel: 0.15 });
 * console.log(weights['w']![0]!.toFixed(2), residual < 0.01); // the centre of that average: (gamma + 1)/(gamma + 2) = 0.82
 * // => 0.82 true
 * ```
 * @see Karras et al. 2023 (arXiv 2312.02696) §3, lucidrains/ema-pytorch `PostHocEMA`; `powerDecay`
 */
export function postHocEma<W = Float32Array>(options: PostHocOptions<number>): PostHocEma<W>;
export function postHocEma<W = Float32Array>(options: PostHocOptions<readonly number[]>): PostHocEma<W>[];
export function postHocEma<W>(options: PostHocOptions<number | readonly number[]>): PostHocEma<W> | PostHocEma<W>[] {
  if (typeof options !== 'object' || options === null) {
    throw new SmoothingError('OPTION_VALUE', `postHocEma must get its options as an object, got ${shown(options)}`);
  }
  const { snapshots, sigmaRel } = read(options, ['snapshots', 'sigmaRel', 'step']) as unknown as typeof options;
  const tracks = tracksOf(snapshots);
  const step = stepOf(options.step, tracks);
  const several = Array.isArray(sigmaRel);
  const widths = (several ? sigmaRel : [sigmaRel]) as readonly number[];
  const fit = fitter(tracks);
  const fits = widths.map((width) => {
    if (typeof width !== 'number') {
      throw new SmoothingError('DECAY_RANGE', `sigmaRel must be a number or a list of numbers, got ${shown(width)}`);
    }
    const made = fit({ gamma: gammaFromSigmaRel(width), step });
    if (!(made.residual <= RESIDUAL)) throw tooFar(width, step, made, fit);
    return made;
  });
  const all = synthesized(tracks, step, fits) as unknown as Record<string, W>[];
  const made = widths.map((width, i) => ({ weights: all[i]!, sigmaRel: width, step, residual: fits[i]!.residual }));
  return several ? made : made[0]!;
}

function tracksOf(snapshots: Iterable<Snapshot>): Track[] {
  const tracks = Array.from(snapshots, track);
  const [first, ...others] = tracks;
  if (first === undefined) throw new SmoothingError('OPTION_VALUE', 'snapshots must be at least one, got none');
  for (const other of others) first.assertLike(other);
  return tracks;
}

function stepOf(step: number | undefined, tracks: readonly Track[]): number {
  const newest = Math.max(...tracks.map((one) => one.step));
  if (step === undefined) return newest;
  if (Number.isSafeInteger(step) && step >= 1 && step <= newest) return step;
  throw new SmoothingError(
    'OPTION_VALUE',
    `step must be an integer from 1 to that of the newest snapshot, ${newest}, got ${shown(step)}`,
  );
}

/** Weight by weight, and of each the snapshots one by one: beside what is made, one array is in memory at a time. */
function synthesized(tracks: readonly Track[], step: number, fits: readonly Fit[]): Record<string, SavedArray>[] {
  const newestFirst = [...tracks].sort((a, b) => b.step - a.step);
  const latest = newestFirst.find((one) => one.step <= step) ?? newestFirst.at(-1)!;
  const made = fits.map((): [string, SavedArray][] => []);
  for (const [name, { rule, shape }] of latest.entries) {
    const values = rule === 'copy' ? copies(latest.latest(name), fits.length) : sums(name, tracks, fits);
    made.forEach((entries, i) => entries.push([name, shaped(values[i]!, shape)]));
  }
  return made.map((entries) => Object.fromEntries(entries));
}

const copies = (array: SavedArray, count: number): SavedArray[] => Array.from({ length: count }, () => array.slice());

function sums(name: string, tracks: readonly Track[], fits: readonly Fit[]): SavedArray[] {
  const totals: Float64Array[] = [];
  let single = true;
  for (const [i, one] of tracks.entries()) {
    if (fits.every(({ shares }) => shares[i] === 0)) continue;
    const { values, low } = one.average(name);
    single &&= values instanceof Float32Array;
    for (const [k, { shares }] of fits.entries()) {
      const total = (totals[k] ??= new Float64Array(values.length));
      const share = shares[i]!;
      if (share === 0) continue;
      for (let e = 0; e < total.length; e++) total[e]! += share * (low === null ? values[e]! : values[e]! - low[e]!);
    }
  }
  return totals.map((total) => (single ? Float32Array.from(total) : total));
}

function tooFar(width: number, step: number, { residual }: Fit, fit: ReturnType<typeof fitter>): SmoothingError {
  const ranges: [number, number][] = [];
  for (let k = WIDTHS[0]; k <= WIDTHS[1]; k++) {
    if (!(fit({ gamma: gammaFromSigmaRel(k / 1000), step }).residual <= RESIDUAL)) continue;
    const range = ranges.at(-1);
    if (range?.[1] === k - 1) range[1] = k;
    else ranges.push([k, k]);
  }
  const would = ranges.map(([from, to]) => `from ${from / 1000} to ${to / 1000}`).join(' or ');
  return new SmoothingError(
    'FIT_RESIDUAL',
    `sigmaRel must be ${would || 'one that these snapshots carry, and they carry none'}, at step ${step}, got ` +
      `${width} with a residual of ${(100 * residual).toPrecision(2)} %`,
  );
}
