import { Column, type Numbers } from './column.js';

/** Where some points stand that follow one another. */
export interface Stretch {
  readonly steps: Numbers;
  /** ms after `firstMs`. */
  readonly times: Numbers;
  readonly firstMs: number;
}

/**
 * Where the points of curves stand: their steps and times. The metrics of a run are mostly measured together, and then share
 * one. A curve whose next point stands elsewhere goes on along a fork.
 */
export class Ruler {
  readonly steps: Column = new Column('uint32');
  /** ms after `firstMs`, to the millisecond. */
  readonly times: Column = new Column('uint32');
  /** ms since the Unix epoch; NaN while nobody has said any time. */
  firstMs: number = NaN;
  /** Curves that stand along it. */
  users = 0;
  /** As far as it is the same as the one that it is a fork of. */
  #common = 0;
  #fork: { readonly at: number; readonly ruler: WeakRef<Ruler> } | null = null;

  /** True if a point stands at place `i`, or stands there now as it was the next. */
  takes(i: number, step: number, ms: number): boolean {
    if (i < this.steps.length) return this.steps.at(i) === step && Object.is(this.firstMs + this.times.at(i), ms);
    if (Number.isNaN(this.firstMs)) this.firstMs = ms;
    this.steps.push(step);
    this.times.push(ms - this.firstMs);
    return true;
  }

  /** The same for points from place `i` on. */
  takesAll(i: number, { steps, times, firstMs }: Stretch): boolean {
    const isNew = Number.isNaN(this.firstMs);
    if (!isNew && this.firstMs !== firstMs) return false;
    const there = Math.min(this.steps.length - i, steps.length);
    for (let k = 0; k < there; k++) {
      if (this.steps.at(i + k) !== steps[k] || !Object.is(this.times.at(i + k), times[k])) return false;
    }
    if (isNew) this.firstMs = firstMs;
    this.steps.append(steps.subarray(there));
    this.times.append(times.subarray(there));
    return true;
  }

  /**
   * What a curve goes on along that has the first `i` places of this one, and another one next: the fork that the curve before
   * it has taken, or this one itself, cut, if nobody else needs the rest.
   *
   * @param firstMs - of the fork, should the places that it has say no time
   * @param takes - asks a ruler for the next place
   */
  forked(i: number, firstMs: number, takes: (ruler: Ruler) => boolean): Ruler {
    const known = this.#fork?.at === i ? this.#fork.ruler.deref() : undefined;
    if (known !== undefined && known.#common === i && takes(known)) return known;
    const fork = this.users === 1 ? this : new Ruler();
    if (fork === this) this.#cut(i);
    else {
      fork.steps.append(this.steps.view(0, i));
      fork.times.append(this.times.view(0, i));
      fork.#common = i;
      this.#fork = { at: i, ruler: new WeakRef(fork) };
    }
    fork.firstMs = i === 0 ? NaN : firstMs;
    takes(fork);
    return fork;
  }

  #cut(length: number): void {
    this.steps.cut(length);
    this.times.cut(length);
    this.#common = Math.min(this.#common, length);
    if (this.#fork !== null && this.#fork.at > length) this.#fork = null;
  }
}
