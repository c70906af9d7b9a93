import { firstNotBelow } from '../firstNotBelow.js';
import { Column, type Numbers } from './column.js';
import { Ruler, type Stretch } from './ruler.js';

/** All points of one metric of one run. Steps never go down: what was measured again is cut away first. */
export class Curve {
  readonly run: string;
  readonly tag: string;
  readonly values: Column = new Column('float32');
  #ruler: Ruler;

  /** @param beside - one of the same run, where its points may stand too */
  constructor(run: string, tag: string, beside: Curve | null) {
    this.run = run;
    this.tag = tag;
    this.#ruler = beside === null ? new Ruler() : beside.#ruler;
    this.#ruler.users += 1;
  }

  get length(): number {
    return this.values.length;
  }

  /** Lent, until the next change. */
  get steps(): Numbers {
    return this.#ruler.steps.view(0, this.length);
  }

  /** ms after `firstMs`, to the millisecond, NaN where nobody said. Lent, until the next change. */
  get times(): Numbers {
    return this.#ruler.times.view(0, this.length);
  }

  /** ms since the Unix epoch; NaN while nobody has said any time. */
  get firstMs(): number {
    return this.#ruler.firstMs;
  }

  /** Each time is known, and as late as the one before, or later. False says nothing. */
  get timesAscend(): boolean {
    return this.#ruler.times.ascends;
  }

  /** Of the newest point; −Infinity if there is none. */
  get lastStep(): number {
    return this.length === 0 ? -Infinity : this.#ruler.steps.at(this.length - 1);
  }

  push(step: number, atMs: number, value: number): void {
    const [i, ms] = [this.length, Math.round(atMs)];
    if (!this.#ruler.takes(i, step, ms)) {
      this.#stand(this.#ruler.forked(i, this.#ruler.firstMs, (ruler) => ruler.takes(i, step, ms)));
    }
    this.values.push(value);
  }

  append(points: Stretch & { readonly values: Numbers }): void {
    const i = this.length;
    if (!this.#ruler.takesAll(i, points)) {
      this.#stand(this.#ruler.forked(i, points.firstMs, (ruler) => ruler.takesAll(i, points)));
    }
    this.values.append(points.values);
  }

  cut(length: number): void {
    this.values.cut(length);
  }

  /** How many points come before a step. */
  before(step: number): number {
    return firstNotBelow(this.steps, step);
  }

  #stand(ruler: Ruler): void {
    this.#ruler.users -= 1;
    ruler.users += 1;
    this.#ruler = ruler;
  }
}
