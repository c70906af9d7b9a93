import { lerp } from '../recurrence/lerp.js';
import { Elapsed } from './elapsed.js';
import type { Law } from './law.js';
import type { SlotMerge } from './mergeSteps.js';

/** Where two halves meet in time. */
export interface Meeting {
  /** The half whose newest value is the newer one, at whose stamp the other weighs `kept`. */
  readonly newer: Float64Array;
  readonly older: Float64Array;
  readonly kept: number;
  /** ms from the newest value to the newest stamp. */
  readonly waited: number;
}

/** Places in a slot. */
interface Places {
  readonly step: number;
  /** ms from the newest value to the newest stamp. */
  readonly waited: number;
}

/** True if a half has no value: then the other one stays, and time goes on. `ms`: from the left stamp to the right one. */
export function passOver(left: Float64Array, right: Float64Array, ms: number, { step, waited }: Places): boolean {
  const [had, passed] = [left[step] !== 0, right[waited]!];
  if (right[step] === 0) {
    left[waited] = Math.max(left[waited]! + Math.max(ms, 0), had ? 0 : passed);
    return true;
  }
  if (had) return false;
  left.set(right);
  left[waited] = passed + Math.max(-ms, 0);
  return true;
}

/**
 * M9, time-stamped: the older half decays to the stamp of the newer one, so it does not matter which comes first, nor
 * whether their values lie between one another's.
 */
export function meet(left: Float64Array, right: Float64Array, ms: number, at: number, perMs: number): Meeting {
  const [before, after] = [left[at]!, right[at]!];
  const lag = ms - after + before;
  const since = new Elapsed(perMs);
  since.set(Math.abs(lag));
  const { kept } = since;
  if (lag >= 0) return { newer: right, older: left, kept, waited: after + Math.max(-ms, 0) };
  return { newer: left, older: right, kept, waited: before + Math.max(ms, 0) };
}

/** Slots of `clockLaw` under `hold: 'sample'`: W ← u·W_older + W_newer, y by their shares. */
export function clockMerger({ fields }: Law, perMs: number): SlotMerge {
  const [weight, y] = [fields.indexOf('weight'), fields.indexOf('y')];
  const places = { step: fields.indexOf('step'), waited: fields.indexOf('waited') };
  return (left, right, ms) => {
    if (passOver(left, right, ms, places)) return;
    const { newer, older, kept, waited } = meet(left, right, ms, places.waited, perMs);
    const steps = left[places.step]! + right[places.step]!;
    const [before, after] = [kept * older[weight]!, newer[weight]!];
    const [had, came] = [older[y]!, newer[y]!];
    left.set(newer);
    left[weight] = before + after;
    left[y] = before === 0 ? came : after === 0 ? had : lerp(had, came, after / (before + after));
    left[places.step] = steps;
    left[places.waited] = waited;
  };
}
