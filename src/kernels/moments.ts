import { lerp } from '../recurrence/lerp.js';
import { lnDecay, type Rate } from '../recurrence/weight.js';
import { Elapsed } from './elapsed.js';
import { MISSING, NOT_YET, presence, type Law, type Run } from './law.js';
import { BAND, BIASED, MEAN, pieceOf, ratioOf, ROOT, scanPairs, scanSpread, scanSums, UNBIASED } from './momentRows.js';

export type Moment = 'mean' | 'sum' | 'var' | 'std' | 'bands' | 'cov' | 'corr';

/** What the pandas family needs to know. */
export interface MomentPlan {
  /** Per step; null under a decay per millisecond. */
  readonly rate: Rate | null;
  /** ln of what the past keeps over a millisecond. */
  readonly perMs: number | null;
  /** Weights decay from 1 (pandas `adjust=True`); else the newest weighs 1 − d. */
  readonly adjust: boolean;
  /** A missing value is no elapsed step. */
  readonly ignoreNa: boolean;
  readonly minPeriods: number;
  readonly carries: boolean;
  readonly propagates: boolean;
}

/**
 * n values; W, the sum of their weights; D = W² − Σw²; the mean in two terms, y + low; C, the weighted sum of squared
 * deviations (of pairs, of their products; of sums, the sum itself). `waited`: ms that missing values have let pass, or
 * the steps that W has been held up for: it would be W·d^waited.
 */
const SLOT = ['step', 'weight', 'd', 'y', 'low', 'c', 'waited', 'last'] as const;
/** Of bands: the standard deviation that came out last. */
const SPREAD = ['spread'] as const;
/** Of pairs: the other one's mean, and the weighted sums of squared deviations. */
const PAIR = ['other', 'otherLow', 'cx', 'cy'] as const;
/** Where time weighs, the newest stamp, which is not in the others yet: how many values, ms before them, their means. */
const NEWEST = ['group', 'before', 'mean', 'otherMean'] as const;
const [N, W, D, Y, C, WAITED, LAST] = [0, 1, 2, 3, 5, 6, 7];
const WIDTH = SLOT.length;
const [OTHER, CX, CY] = [SLOT.length, SLOT.length + 2, SLOT.length + 3];

/** Rows at a time that are taken one by one. */
const PIECE = 32;

/** A weight that no longer counts, far above the smallest numbers. */
export const NOTHING: number = 2 ** -400;

/** M1, M4a, M4b and M5: the exponentially weighted mean, sum, variance, standard deviation, covariance, correlation. */
export function momentLaw(moment: Moment, bias: boolean, plan: MomentPlan): Law {
  const { rate, perMs, adjust, ignoreNa, minPeriods, carries, propagates } = plan;
  const since = perMs === null ? null : new Elapsed(perMs);
  const least = Math.max(1, minPeriods);
  const sums = moment === 'sum';
  const paired = moment === 'cov' || moment === 'corr';
  const bare = moment === 'mean'; // neither C nor D is asked for
  const grouped = since !== null && !adjust;
  const own = [...SLOT, ...(paired ? PAIR : moment === 'bands' ? SPREAD : [])];
  const fields = grouped ? [...own, ...NEWEST] : own;
  const stride = fields.length;
  const [GROUP, BEFORE, MIDDLE, OTHER_MIDDLE] = NEWEST.map((_, i) => own.length + i) as [
    number,
    number,
    number,
    number,
  ];
  /** A slot with the newest stamp in it. */
  const whole = new Float64Array(stride);

  const steady =
    rate !== null && rate.decay >= 0.5
      ? { ...rate, adjust, ignoreNa, carries, reads: readsOf(moment, bias), piece: pieceOf(rate.decay) }
      : null;
  const scanSteady = sums ? scanSums : paired ? scanPairs : scanSpread;

  function scan(s: Float64Array, run: Run): number {
    const { rows, slots, weights, gone } = run;
    if (steady === null || slots !== null || weights !== null || rows === 1) return scanRows(s, run, 0, rows);
    let there = presence(run, propagates);
    let lacking = 0;
    for (let i = 0; i < rows;) {
      const from = i;
      if (isUnderWay(s)) i = scanSteady(s, run, steady, there, i);
      if (there !== null && !carries) for (let row = from; row < i; row++) lacking += gone[row]!;
      if (i === rows) break;
      if (i > from && there === null && !propagates) there = finite(run);
      const to = Math.min(i + PIECE, rows);
      lacking += scanRows(s, run, i, to);
      i = to;
    }
    return lacking;
  }

  /** True once a reading comes of every value. */
  function isUnderWay(s: Float64Array): boolean {
    return (
      s[N]! >= least &&
      s[WAITED] === 0 &&
      (sums || (s[W]! > 0 && !isPending(s, 0) && !(moment === 'bands' && lacksSpread(s, 0))))
    );
  }

  function scanRows(s: Float64Array, run: Run, from: number, to: number): number {
    const there = presence(run, propagates);
    const { x, slots, fresh, elapsed, weights, out, gone } = run;
    const others = run.y ?? null;
    const spread = run.spread ?? null;
    let lacking = 0;
    for (let i = from; i < to; i++) {
      const at = slots === null ? 0 : slots[i]! * stride;
      if (fresh !== null && fresh[i] === 1) s.set(run.seed!, at);
      const value = x[i]!;
      const other = others === null ? value : others[i]!;
      const came = there === null ? propagates || (value - value === 0 && other - other === 0) : there[i] === 1;
      if (elapsed !== null) s[at + WAITED]! += elapsed[i]!;
      if (came) {
        const w = weights === null ? 1 : weights[i]!;
        if (sums) addUp(s, at, value * w);
        else observe(s, at, value, other, w);
      } else if (sums && since !== null) {
        pass(s, at); // a sum fades while nothing comes
      } else if (since === null && !ignoreNa) {
        fade(s, at, rate!.alpha, rate!.decay);
      }
      const is = came || sums ? note(s, at) : !Number.isNaN(s[at + LAST]!);
      if (came ? is : is && carries) {
        out[i] = s[at + LAST]!;
        if (spread !== null) spread[i] = s[at + WIDTH]!;
      } else {
        out[i] = 0; // the memory may not be zeroed
        if (spread !== null) spread[i] = 0;
        gone[i] = came ? NOT_YET : MISSING;
        lacking++;
      }
    }
    return lacking;
  }

  /** Notes what comes out. False while nothing does. */
  function note(s: Float64Array, at: number): boolean {
    if (!grouped || sums) return read(s, at, s, at);
    for (let k = 0; k < stride; k++) whole[k] = s[at + k]!;
    join(whole, 0);
    return read(whole, 0, s, at);
  }

  function read(s: Float64Array, at: number, to: Float64Array, place: number): boolean {
    const is = s[at + N]! >= least && !isPending(s, at);
    to[place + LAST] = is ? reading(s, at) : NaN;
    if (moment === 'bands') to[place + WIDTH] = lacksSpread(s, at) ? -1 : Math.sqrt(variance(s, at, false));
    return is;
  }

  /** The past has weighed less since: by the share `lost`, to the share `kept`. */
  function fade(s: Float64Array, at: number, lost: number, kept: number): void {
    if (sums) {
      s[at + C] = less(s[at + C]!, lost, kept);
      return;
    }
    const had = s[at + W]!;
    if (had === 0) return;
    const weight = less(had, lost, kept);
    if (weight < NOTHING && (kept > 0 || since !== null)) {
      holdUp(s, at);
      return;
    }
    s[at + W] = weight;
    if (bare) return;
    s[at + D] = less(s[at + D]!, lost * (2 - lost), kept * kept);
    s[at + C] = less(s[at + C]!, lost, kept);
    if (!paired) return;
    s[at + CX] = less(s[at + CX]!, lost, kept);
    s[at + CY] = less(s[at + CY]!, lost, kept);
  }

  /** The past weighs nothing already, but a variance of two samples rests on it. */
  function holdUp(s: Float64Array, at: number): void {
    const share = NOTHING / s[at + W]!;
    if (since === null) s[at + WAITED]! += 1 - Math.log(share) / lnDecay(rate!);
    s[at + W] = NOTHING;
    s[at + D]! *= share * share;
    s[at + C]! *= share;
    if (!paired) return;
    s[at + CX]! *= share;
    s[at + CY]! *= share;
  }

  /** A step has passed, or the time until now. */
  function pass(s: Float64Array, at: number): void {
    if (since === null) return fade(s, at, rate!.alpha, rate!.decay);
    since.set(s[at + WAITED]!);
    s[at + WAITED] = 0;
    fade(s, at, since.lost, since.kept);
  }

  function addUp(s: Float64Array, at: number, x: number): void {
    pass(s, at);
    s[at + C]! += x;
    s[at + N]!++;
  }

  function observe(s: Float64Array, at: number, x: number, y: number, w: number): void {
    const first = s[at + N]!++ === 0;
    if (!grouped) {
      pass(s, at);
      return absorb(s, at, x, y, adjust || first ? w : rate!.alpha * w);
    }
    if (!first && s[at + WAITED] === 0) {
      const n = ++s[at + GROUP]!;
      s[at + MIDDLE] = lerp(s[at + MIDDLE]!, x, 1 / n);
      s[at + OTHER_MIDDLE] = lerp(s[at + OTHER_MIDDLE]!, y, 1 / n);
      return;
    }
    if (!first) join(s, at);
    s[at + GROUP] = 1;
    s[at + MIDDLE] = x;
    s[at + OTHER_MIDDLE] = y;
    s[at + BEFORE] = s[at + WAITED]!;
    s[at + WAITED] = 0;
  }

  /** The samples of the newest stamp, which count as one, join those before it. */
  function join(s: Float64Array, at: number): void {
    since!.set(s[at + BEFORE]!);
    fade(s, at, since!.lost, since!.kept);
    const gain = s[at + W] === 0 ? 1 : since!.lost;
    absorb(s, at, s[at + MIDDLE]!, s[at + OTHER_MIDDLE]!, gain);
  }

  /** One sample of weight a: m += (a/W')·d, C += a·(W/W')·d², D += 2·a·W. */
  function absorb(s: Float64Array, at: number, x: number, y: number, a: number): void {
    if (a === 0) return;
    if (since === null) s[at + WAITED] = 0;
    const had = s[at + W]!;
    const weight = had + a;
    if (paired) absorbPair(s, at, x, y, a, had);
    else if (had === 0) begin(s, at + Y, x);
    else {
      const d = moveMean(s, at + Y, x, 0, a / weight);
      if (!bare) s[at + C]! += a * (had / weight) * (d * d);
    }
    if (!bare) s[at + D]! += 2 * a * had;
    s[at + W] = weight;
    if (adjust || weight === 1) return;
    s[at + C]! /= weight;
    s[at + D]! /= weight * weight;
    s[at + W] = 1;
    if (!paired) return;
    s[at + CX]! /= weight;
    s[at + CY]! /= weight;
  }

  /** A correlation needs two variances, an unbiased variance what `lacksSpread` says. */
  function isPending(s: Float64Array, at: number): boolean {
    if (sums) return false;
    if (moment === 'corr') return s[at + CX] === 0 || s[at + CY] === 0;
    return moment === 'mean' || moment === 'bands' || bias ? s[at + W] === 0 : lacksSpread(s, at);
  }

  function reading(s: Float64Array, at: number): number {
    if (moment === 'mean' || moment === 'bands') return s[at + Y]!;
    if (sums) return s[at + C]!;
    if (moment === 'corr') return ratioOf(s[at + C]!, s[at + CX]!, s[at + CY]!);
    return moment === 'std' ? Math.sqrt(variance(s, at, bias)) : variance(s, at, bias);
  }

  return {
    fields,
    last: LAST,
    fresh: Float64Array.from(fields, (name) => (name === 'last' || name === 'y' ? NaN : 0)),
    mayThrow: false,
    scan,
    reread: (s, at) => read(s, at, s, at),
  };
}

/** Which rows have values that are finite, of pairs both. */
function finite({ rows, x, y }: Run): Uint8Array {
  const there = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const other = y ? y[i]! : 0;
    there[i] = x[i]! - x[i]! + (other - other) === 0 ? 1 : 0;
  }
  return there;
}

function readsOf(moment: Moment, bias: boolean): number {
  if (moment === 'mean' || moment === 'corr') return MEAN;
  if (moment === 'bands') return BAND;
  return (bias ? BIASED : UNBIASED) + (moment === 'std' ? ROOT : 0);
}

/** v·kept, where kept = 1 − lost: by the one of the two that keeps its digits. */
function less(v: number, lost: number, kept: number): number {
  return lost < 0.5 && v - v === 0 ? v - lost * v : kept * v;
}

/** One pair of weight a: C += a·(W/W')·d·e, and the squares beside it. */
function absorbPair(s: Float64Array, at: number, x: number, y: number, a: number, had: number): void {
  if (had === 0) {
    begin(s, at + Y, x);
    begin(s, at + OTHER, y);
    return;
  }
  const weight = had + a;
  const share = a * (had / weight);
  const d = moveMean(s, at + Y, x, 0, a / weight);
  const e = moveMean(s, at + OTHER, y, 0, a / weight);
  s[at + C]! += share * (d * e);
  s[at + CX]! += share * (d * d);
  s[at + CY]! += share * (e * e);
}

/** A mean of two terms is x. */
function begin(s: Float64Array, at: number, x: number): void {
  s[at] = x;
  s[at + 1] = 0;
}

/** Moves a mean of two terms towards x + more. Returns how far it was from it, NaN if either is not finite. */
export function moveMean(s: Float64Array, at: number, x: number, more: number, gain: number): number {
  const mean = s[at]!;
  const d = x - mean - s[at + 1]! + more;
  const step = gain * d;
  const next = mean + step;
  const back = next - mean;
  const low = s[at + 1]! + (mean - (next - back)) + (step - back);
  const rounded = next + low;
  s[at] = d - d === 0 ? rounded : lerp(mean, x, gain);
  s[at + 1] = d - d === 0 ? low - (rounded - next) : 0;
  return x - x === 0 && mean - mean === 0 ? d : NaN;
}

/** An unbiased variance needs two samples, and weights that are not all one's. */
function lacksSpread(s: Float64Array, at: number): boolean {
  return s[at + N]! < 2 || !(s[at + D]! > 0);
}

/** C/W, of pairs a covariance; by W²/D more if it is not biased. */
function variance(s: Float64Array, at: number, biased: boolean): number {
  const w = s[at + W]!;
  return (s[at + C]! / w) * (biased ? 1 : (w * w) / s[at + D]!);
}
