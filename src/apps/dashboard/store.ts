import { randomUUID } from 'node:crypto';

import { Curve } from './curve.js';
import type { MetricPoint } from './point.js';
import type { Part, Points, PointsRequest, Position } from './protocol.js';

/** Points in one answer: what one reader can make the server hold. */
const MOST_POINTS = 1 << 18;

/** Everything that was measured, curve by curve; readers take what they do not have, each at its own speed. */
export class Store {
  /** Names this store, so that a reader that knew another one starts over. */
  readonly session: string = randomUUID();
  /** Points taken in so far. */
  sequence = 0;
  readonly #curves: Curve[] = [];
  /** Where each curve was cut, in order. */
  readonly #cuts: number[][] = [];
  readonly #byName = new Map<string, Map<string, number>>();

  add(points: readonly MetricPoint[]): void {
    for (const { run, step, atMs, values } of points) {
      for (const tag of Object.keys(values)) this.#push(this.#curveOf(run, tag), step, atMs, values[tag]!);
    }
  }

  /** What lies behind a reader's positions, up to 2¹⁸ points, an equal share of each curve that has some. */
  read({ session, positions }: PointsRequest): Points {
    const known = new Map(session === this.session ? positions.map((one) => [one.curve, one]) : []);
    const behind = this.#curves.flatMap((curve, id) => {
      const from = this.#from(id, known.get(id));
      const isNew = from < curve.length || known.get(id)?.cuts !== this.#cuts[id]!.length;
      return isNew ? [{ id, from }] : [];
    });
    const share = Math.max(1, Math.floor(MOST_POINTS / behind.length));
    const parts = behind.slice(0, MOST_POINTS).map(({ id, from }) => this.#part(id, from, share));
    const more = parts.length < behind.length || parts.some((part, i) => !this.#isLast(part, behind[i]!.id));
    return { session: this.session, sequence: this.sequence, more, parts };
  }

  #push(id: number, step: number, atMs: number, value: number): void {
    const curve = this.#curves[id]!;
    if (curve.length > 0 && step < curve.steps.at(curve.length - 1)) {
      curve.cut(curve.before(step)); // measured again, by a run that was started again: the newer ones count
      this.#cuts[id]!.push(curve.length);
    }
    curve.push(step, atMs, value);
    this.sequence += 1;
  }

  #curveOf(run: string, tag: string): number {
    let tags = this.#byName.get(run);
    if (tags === undefined) this.#byName.set(run, (tags = new Map()));
    let id = tags.get(tag);
    if (id === undefined) {
      tags.set(tag, (id = this.#curves.length));
      this.#curves.push(new Curve(run, tag));
      this.#cuts.push([]);
    }
    return id;
  }

  /** How many of a reader's points still stand. */
  #from(id: number, position: Position | undefined): number {
    if (position === undefined) return 0;
    const standing = Math.min(position.count, this.#curves[id]!.length);
    return this.#cuts[id]!.slice(position.cuts).reduce((least, cut) => Math.min(least, cut), standing);
  }

  #part(id: number, from: number, most: number): Part {
    const curve = this.#curves[id]!;
    const to = Math.min(curve.length, from + most);
    const { run, tag, firstMs } = curve;
    return {
      curve: id,
      run,
      tag,
      cuts: this.#cuts[id]!.length,
      from,
      firstMs: Number.isNaN(firstMs) ? null : firstMs,
      steps: curve.steps.view(from, to),
      times: curve.times.view(from, to),
      values: curve.values.view(from, to),
    };
  }

  #isLast({ from, values }: Part, id: number): boolean {
    return from + values.length === this.#curves[id]!.length;
  }
}
