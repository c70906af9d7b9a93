import { Decimal } from 'decimal.js';

/** Digits enough to be left where a double would have lost all of its 16. */
const Exact = Decimal.clone({ precision: 60 });
const ZERO = new Exact(0);
const ONE = new Exact(1);

/** The double itself: decimal.js would read the shortest decimal that stands for it, 0.1 for 0.1000000000000000055… */
function exact(x: number): Decimal {
  let [whole, halvings] = [x, 0];
  for (; !Number.isInteger(whole); halvings++) whole *= 2;
  return new Exact(BigInt(whole).toString()).div(Exact.pow(2, halvings));
}

/** One row. null, NaN and ±Infinity are missing. */
export interface Sample {
  readonly x: number | null;
  /** The other one of a pair, which counts only if both are there. */
  readonly y?: number | null;
  /** ms, never falling. Asked for by a decay per millisecond. */
  readonly at?: number;
  /** The sample's own weight. @default 1 */
  readonly weight?: number;
}

type OneOf<T> = { [K in keyof T]: { [P in K]: T[P] } & { [P in Exclude<keyof T, K>]?: never } }[keyof T];
type Steps = { alpha: number; decay: number; span: number; com: number; halfLife: number; tau: number };
type Clock = { halfLifeMs: number; tauMs: number };

/**
 * What is asked of the sums, in pandas' words and with its defaults: adjust true, ignoreNa false, minPeriods 0,
 * bias false. `adjust` and `ignoreNa` belong to a decay per step, `hold` (default 'sample') to one per millisecond.
 */
export type Model = (
  | (OneOf<Steps> & { [K in keyof Clock | 'hold']?: never } & { adjust?: boolean; ignoreNa?: boolean })
  | (OneOf<Clock> & { [K in keyof Steps | 'adjust' | 'ignoreNa']?: never } & { hold?: Hold })
) & { minPeriods?: number; bias?: boolean; missing?: 'carry' | 'skip' };

export type Hold = 'sample' | 'next' | 'last' | 'linear';
export type Statistic = 'mean' | 'sum' | 'var' | 'std' | 'cov' | 'corr';

/** A sample that is there, at a place on the axis along which it is forgotten: events, observations or ms. */
interface Point {
  readonly x: Decimal;
  /** x again, if there is no pair. */
  readonly y: Decimal;
  readonly weight: Decimal;
  readonly place: number;
}

/**
 * What every row must come to, by the definition: each sample that has been seen gets its weight written out, the
 * weights and what they weigh are summed. No recurrence, and 60 digits, so that it shares neither code nor rounding
 * with what it judges. O(rows²).
 *
 * - per step, adjust: w = decay^(events, or observations, since)
 * - per step, not adjust: on arrival alpha / (decay^gap + alpha) of the whole, of which every later sample takes its own
 *   share; the first one begins with all of it
 * - per millisecond: `'sample'` w = K(age), K(t) = 2^(−t / halfLifeMs); the others what the signal that the samples
 *   stand for has of e^(−t / tau) / tau. Before the first stamp it is the first value.
 * - a sample's own weight multiplies w (per step, not adjust: alpha)
 * - samples of one stamp: under `'next'` they are averaged into one, under `'last'` the later one replaces
 *
 * Unbiased by reliability weights: W² / (W² − Σw²), from two samples on. `sum` is Σ K x whatever is adjusted or held.
 *
 * @returns a number a row, null for "not yet"; a missing row has the statistic as it stands (of `sum`, aged), under
 *   `missing: 'skip'` null
 */
export function directSums(statistic: Statistic, samples: readonly Sample[], model: Model): (number | null)[] {
  const pair = statistic === 'cov' || statistic === 'corr';
  const decay = decayOf(model);
  const places = placesOf(samples, pair, model);
  const all = samples.map((sample, n) => (isThere(sample, pair) ? pointOf(sample, places[n]!) : null));
  return samples.map((_, n) => {
    if (model.missing === 'skip' && all[n] === null) return null;
    const points = all.slice(0, n + 1).filter((point) => point !== null);
    if (points.length < Math.max(1, model.minPeriods ?? 0)) return null;
    if (statistic === 'sum') return sumOf(points, places[n]!, decay);
    const merged = mergedAtOneStamp(points, model);
    return momentOf(statistic, merged, weightsOf(merged, decay, model), model.bias ?? false)?.toNumber() ?? null;
  });
}

// ---- who counts, and where ------------------------------------------------------------------------------------------

const isNumber = (x: number | null | undefined): x is number => typeof x === 'number' && Number.isFinite(x);
const isThere = ({ x, y }: Sample, pair: boolean): boolean => isNumber(x) && (!pair || isNumber(y));

/** Where each row lies: its stamp, its number, or, if missing rows are ignored, how many samples there were by then. */
function placesOf(samples: readonly Sample[], pair: boolean, model: Model): number[] {
  if (isClock(model)) return samples.map(({ at }) => at!);
  let place = 0;
  return samples.map((sample) => (model.ignoreNa !== true || isThere(sample, pair) ? ++place : place));
}

const pointOf = ({ x, y, weight = 1 }: Sample, place: number): Point => ({
  x: exact(x!),
  y: exact(y ?? x!),
  weight: exact(weight),
  place,
});

function mergedAtOneStamp(points: readonly Point[], model: Model): readonly Point[] {
  if (model.hold !== 'next' && model.hold !== 'last') return points;
  const stamps = [...new Set(points.map(({ place }) => place))];
  return stamps.map((stamp) => {
    const same = points.filter(({ place }) => place === stamp);
    if (model.hold === 'last') return same.at(-1)!;
    const weights = same.map(({ weight }) => weight);
    const total = sum(weights);
    return {
      x: dot(weights, xs(same)).div(total),
      y: dot(weights, ys(same)).div(total),
      weight: total.div(same.length), // one sample, as heavy as those it stands for are on average
      place: stamp,
    };
  });
}

// ---- how fast it is forgotten ---------------------------------------------------------------------------------------

/** K: what is left of a weight after so many steps or ms. */
type Decay = (distance: Decimal) => Decimal;

const isClock = (model: Model): boolean => model.halfLifeMs !== undefined || model.tauMs !== undefined;

/** How long it takes to fall to 1/e: tau. */
const tauOf = (model: Model): Decimal =>
  model.tauMs === undefined ? exact(model.halfLifeMs!).div(Exact.ln(2)) : exact(model.tauMs);

function decayOf(model: Model): Decay {
  const { halfLife, tau, halfLifeMs, tauMs } = model;
  const half = halfLife ?? halfLifeMs;
  const known = new Map<string, Decimal>();
  const decay: Decay =
    half !== undefined
      ? (distance) => Exact.pow(2, distance.div(exact(half)).neg())
      : (tau ?? tauMs) !== undefined
        ? (distance) => Exact.exp(distance.div(exact((tau ?? tauMs)!)).neg())
        : (distance) => Exact.pow(ONE.minus(alphaOf(model)), distance);
  return (distance) => {
    const key = distance.toString();
    if (!known.has(key)) known.set(key, decay(distance));
    return known.get(key)!;
  };
}

function alphaOf(model: Model): Decimal {
  if (model.alpha !== undefined) return exact(model.alpha);
  if (model.decay !== undefined) return ONE.minus(exact(model.decay));
  if (model.span !== undefined) return new Exact(2).div(exact(model.span).plus(1));
  if (model.com !== undefined) return ONE.div(exact(model.com).plus(1));
  return ONE.minus(decayOf(model)(ONE));
}

// ---- the weights ----------------------------------------------------------------------------------------------------

/** The weight of each point as the newest one sees it. */
function weightsOf(points: readonly Point[], decay: Decay, model: Model): Decimal[] {
  const gaps = points.map(({ place }, i) => exact(place).minus(exact(points[i - 1]?.place ?? place)));
  const kept = gaps.map((gap) => decay(gap)); // of what was before, on arrival
  if (isClock(model)) {
    const shares = sharesOf(model.hold ?? 'sample', gaps, kept, tauOf(model));
    return timesLater(shares, kept).map((share, i) => share.times(points[i]!.weight));
  }
  if (model.adjust ?? true) return timesLater(own(points), kept);
  const alpha = alphaOf(model);
  const news = own(points).map((weight, i) => (i === 0 ? ONE : alpha.times(weight)));
  const shares = news.map((a, i) => (i === 0 ? ONE : a.div(kept[i]!.plus(a))));
  const rests = news.map((a, i) => kept[i]!.div(kept[i]!.plus(a)));
  return timesLater(shares, rests);
}

const own = (points: readonly Point[]): Decimal[] => points.map(({ weight }) => weight);

/** Each one times what all later ones keep: w_i · Π_{j > i} kept_j. */
function timesLater(weights: readonly Decimal[], kept: readonly Decimal[]): Decimal[] {
  let later = ONE;
  return weights
    .map((_, back) => {
      const i = weights.length - 1 - back;
      const weight = weights[i]!.times(later);
      later = later.times(kept[i]!);
      return weight;
    })
    .reverse();
}

/**
 * What each point brings, as seen at its own stamp. Between two stamps dt apart the signal has 1 − u of the weight, u =
 * K(dt). `'next'`: it is the later value; `'last'`: the earlier; `'linear'`: it goes from one to the other, and the
 * earlier value has v − u of it, the later 1 − v, v = (1 − u) tau / dt.
 */
function sharesOf(hold: Hold, gaps: readonly Decimal[], kept: readonly Decimal[], tau: Decimal): Decimal[] {
  if (hold === 'sample') return gaps.map(() => ONE);
  const of = (i: number): { earlier: Decimal; later: Decimal } => {
    const [gap, u] = [gaps[i]!, kept[i]!];
    const v = gap.isZero() ? ONE : ONE.minus(u).times(tau).div(gap);
    if (hold === 'next') return { earlier: ZERO, later: ONE.minus(u) };
    if (hold === 'last') return { earlier: ONE.minus(u), later: ZERO };
    return { earlier: v.minus(u), later: ONE.minus(v) };
  };
  return gaps.map((_, i) => {
    const before = i === 0 ? ONE : of(i).later;
    const after = i + 1 < gaps.length ? of(i + 1).earlier.div(nonZero(kept[i + 1]!)) : ZERO; // `timesLater` fades it
    return before.plus(after);
  });
}

/** K of a finite time is never 0 in decimals. */
function nonZero(kept: Decimal): Decimal {
  if (kept.isZero()) throw new Error('the decay must be above 0');
  return kept;
}

// ---- the sums -------------------------------------------------------------------------------------------------------

const sum = (terms: readonly Decimal[]): Decimal => terms.reduce((a, b) => a.plus(b), ZERO);
const dot = (a: readonly Decimal[], b: readonly Decimal[]): Decimal => sum(a.map((one, i) => one.times(b[i]!)));
const xs = (points: readonly Point[]): Decimal[] => points.map(({ x }) => x);
const ys = (points: readonly Point[]): Decimal[] => points.map(({ y }) => y);

function sumOf(points: readonly Point[], now: number, decay: Decay): number {
  const aged = points.map(({ x, weight, place }) => x.times(weight).times(decay(exact(now).minus(exact(place)))));
  return sum(aged).toNumber();
}

function momentOf(
  statistic: Exclude<Statistic, 'sum'>,
  points: readonly Point[],
  weights: readonly Decimal[],
  bias: boolean,
): Decimal | null {
  if (statistic === 'mean') return dot(weights, xs(points)).div(sum(weights));
  if (statistic === 'corr') {
    const [xx, yy] = [moment(weights, xs(points), xs(points)), moment(weights, ys(points), ys(points))];
    if (xx.isZero() || yy.isZero()) return null;
    const ratio = moment(weights, xs(points), ys(points)).div(xx.times(yy).sqrt());
    return Exact.max(-1, Exact.min(1, ratio));
  }
  const biased = moment(weights, xs(points), ys(points));
  const correction = bias ? ONE : correctionOf(weights);
  const result = correction === null ? null : biased.times(correction);
  return statistic === 'std' ? (result?.sqrt() ?? null) : result;
}

/** Σ w (a − mean a)(b − mean b) / Σ w, reckoned from the newest one, which the others may weigh nothing beside. */
function moment(weights: readonly Decimal[], a: readonly Decimal[], b: readonly Decimal[]): Decimal {
  const total = sum(weights);
  const centred = (values: readonly Decimal[]): Decimal[] => {
    const fromNewest = values.map((value) => value.minus(values.at(-1)!));
    const mean = dot(weights, fromNewest).div(total);
    return fromNewest.map((value) => value.minus(mean));
  };
  const [da, db] = [centred(a), centred(b)];
  return dot(
    weights,
    da.map((d, i) => d.times(db[i]!)),
  ).div(total);
}

/** W² / (W² − Σw²), where W² − Σw² = 2 Σ_{j < i} w_i w_j takes no difference. */
function correctionOf(weights: readonly Decimal[]): Decimal | null {
  let [before, pairs] = [ZERO, ZERO];
  for (const weight of weights) {
    pairs = pairs.plus(weight.times(before));
    before = before.plus(weight);
  }
  return pairs.isZero() ? null : before.pow(2).div(pairs.times(2));
}
