import { Column } from './column.js';

/** All points of one metric of one run. Steps never go down: what was measured again is cut away first. */
export class Curve {
  readonly run: string;
  readonly tag: string;
  readonly steps: Column = new Column('uint32');
  /** ms after `firstMs`, to the millisecond. */
  readonly times: Column = new Column('uint32');
  readonly values: Column = new Column('float32');
  firstMs: number = NaN;

  constructor(run: string, tag: string) {
    this.run = run;
    this.tag = tag;
  }

  get length(): number {
    return this.values.length;
  }

  push(step: number, atMs: number, value: number): void {
    if (Number.isNaN(this.firstMs)) this.firstMs = Math.round(atMs);
    this.steps.push(step);
    this.times.push(Math.round(atMs) - this.firstMs);
    this.values.push(value);
  }

  cut(length: number): void {
    for (const column of [this.steps, this.times, this.values]) column.cut(length);
  }

  /** How many points come before a step. */
  before(step: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps.at(middle) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
