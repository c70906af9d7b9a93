import { lnDecay, type Rate } from '../recurrence/weight.js';
import { Elapsed } from './elapsed.js';
import type { Law } from './law.js';
import { meet, passOver } from './mergeClock.js';
import { keptOver, type SlotMerge } from './mergeSteps.js';
import { moveMean, NOTHING, type Moment } from './moments.js';

/** What merging slots of the pandas family needs to know. */
export interface MomentMerge {
  readonly moment: Moment;
  readonly law: Law;
  /** Per step; null under a decay per millisecond. */
  readonly rate: Rate | null;
  readonly perMs: number | null;
  readonly ages: boolean;
  readonly minPeriods: number;
}

/** M9 for slots of `momentLaw`: what one run over both halves would have. */
export function momentMerger({ moment, law, rate, perMs, ages, minPeriods }: MomentMerge): SlotMerge {
  const place = (name: string): number => law.fields.indexOf(name);
  const [STEP, W, D, C, WAITED] = [place('step'), place('weight'), place('d'), place('c'), place('waited')];
  const [Y, OTHER, CX, CY] = [place('y'), place('other'), place('cx'), place('cy')];
  /** What came out last. */
  const OUT = [place('last'), place('spread')].filter((at) => at >= 0);
  const sums = moment === 'sum';
  const paired = OTHER >= 0;
  const since = perMs === null ? null : new Elapsed(perMs);

  /** A half fades to the share `kept`, but not below what the variance of a single later sample has to rest on. */
  function fade(s: Float64Array, kept: number, least: number): void {
    const had = s[W]!;
    if (had === 0 || kept === 1) return;
    const weight = Math.max(kept * had, least);
    const share = weight === least ? least / had : kept;
    s[W] = weight;
    s[D]! *= share * share;
    s[C]! *= share;
    if (!paired) return;
    s[CX]! *= share;
    s[CY]! *= share;
  }

  /** Chan, Golub, LeVeque: C ← C + C_R + d²·W·W_R/(W + W_R), where d is how far the means lie apart. */
  function pool(s: Float64Array, right: Float64Array): void {
    const [before, after] = [s[W]!, right[W]!];
    const gain = after / (before + after);
    const share = before * gain;
    const d = moveMean(s, Y, right[Y]!, right[Y + 1]!, gain);
    s[W] = before + after;
    if (moment === 'mean') return; // neither C nor D is asked for
    s[D]! += right[D]! + 2 * before * after;
    const e = paired ? moveMean(s, OTHER, right[OTHER]!, right[OTHER + 1]!, gain) : d;
    s[C]! += right[C]! + share * (d * e);
    if (!paired) return;
    s[CX]! += right[CX]! + share * (d * d);
    s[CY]! += right[CY]! + share * (e * e);
  }

  /** The left half takes in the right one, beside which it has faded as far as it has to. */
  function join(s: Float64Array, right: Float64Array): void {
    if (s[W]! > 0 && right[W]! > 0) pool(s, right);
    else if (right[W]! > 0 || (s[W] === 0 && !Number.isNaN(right[Y]))) s.set(right);
  }

  function mergeBySteps(left: Float64Array, right: Float64Array, rows: number): void {
    const steps = ages ? rows : right[STEP]!;
    const { decay } = rate!;
    const had = left[W]!;
    if (right[W]! > 0) {
      // where the right one's weight is held up, what lies before it is as much heavier beside it
      const waited = right[WAITED]!;
      const least = waited === 0 ? NOTHING : NOTHING * NOTHING;
      fade(left, keptOver(steps - waited, rate!), decay === 0 || right[D]! > 0 ? 0 : least);
      left[WAITED] = waited;
    } else {
      fade(left, keptOver(steps, rate!), decay === 0 ? 0 : NOTHING);
      if (steps > 0 && left[W] === NOTHING) left[WAITED]! += steps + Math.log(had / NOTHING) / lnDecay(rate!);
    }
    join(left, right);
  }

  function mergeByClock(left: Float64Array, right: Float64Array, ms: number): void {
    if (passOver(left, right, ms, { step: STEP, waited: WAITED })) return;
    const { newer, older, kept, waited } = meet(left, right, ms, WAITED, perMs!);
    const [to, from] = [older.slice(), newer.slice()];
    fade(to, kept, from[D]! > 0 ? 0 : NOTHING);
    join(to, from);
    left.set(to);
    left[WAITED] = waited;
  }

  /** Sums fade while nothing comes too: they are of the newest stamp. */
  function addUp(left: Float64Array, right: Float64Array, apart: number): void {
    if (since === null) {
      left[C] = keptOver(ages ? apart : right[STEP]!, rate!) * left[C]! + right[C]!;
      return;
    }
    since.set(Math.abs(apart));
    left[C] = (apart > 0 ? since.kept : 1) * left[C]! + (apart < 0 ? since.kept : 1) * right[C]!;
  }

  /** What comes out of both. Of what has faded to nothing, that is what came out of the right one. */
  function reread(s: Float64Array, right: Float64Array): void {
    const faded = s[W] === 0 && !sums && !Number.isNaN(s[Y]);
    if (faded) s[W] = right[STEP]! < minPeriods ? 1 : 0;
    law.reread!(s, 0);
    if (!faded) return;
    s[W] = 0;
    if (right[STEP]! >= minPeriods) for (const at of OUT) s[at] = right[at]!;
  }

  return (left, right, apart) => {
    const [had, more] = [left[STEP]!, right[STEP]!];
    if (sums) addUp(left, right, apart);
    else if (since !== null) mergeByClock(left, right, apart);
    else if (had > 0) mergeBySteps(left, right, apart);
    else left.set(right);
    left[STEP] = had + more;
    if (sums || (had > 0 && more > 0)) reread(left, right);
  };
}
