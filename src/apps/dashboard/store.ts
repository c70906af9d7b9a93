import { randomUUID } from 'node:crypto';

import { Curve } from './curve.js';
import { Cuts } from './cuts.js';
import type { MetricPoint } from './point.js';
import type { Part, Points, PointsRequest } from './protocol.js';

/** Points in one answer: what one reader can make the server hold, 3 to 6 MB. */
const MOST_POINTS = 1 << 18;

interface Kept {
  readonly curve: Curve;
  readonly cuts: Cuts;
}

/** Everything that was measured, curve by curve; readers take what they do not have, each at its own speed. */
export class Store {
  /** Names this store, so that a reader that knew another one starts over. */
  readonly session: string = randomUUID();
  /** Points taken in so far. */
  sequence = 0;
  readonly #kept: Kept[] = [];
  readonly #byName = new Map<string, Map<string, Kept>>();

  /** What is no number among a point's values is passed over. */
  add(points: readonly MetricPoint[]): void {
    for (const { run, step, atMs, values } of points) {
      const tags = this.#tagsOf(run);
      for (const tag of Object.keys(values)) {
        const value: unknown = values[tag];
        if (typeof value === 'number') this.#push(tags.get(tag) ?? this.#begin(run, tag, tags), step, atMs, value);
      }
    }
  }

  /** What lies behind a reader's positions, up to 2¹⁸ points, an equal share of each curve that has some. */
  read({ session, positions }: PointsRequest): Points {
    const known = new Map(session === this.session ? positions.map((one) => [one.curve, one]) : []);
    const behind = this.#kept.flatMap(({ curve, cuts }, id) => {
      const { count = 0, cuts: knownCuts = 0 } = known.get(id) ?? {};
      const from = Math.min(count, cuts.leastSince(knownCuts), curve.length); // as far as the reader's still stand
      return from < curve.length ? [{ id, from }] : [];
    });
    const share = Math.max(1, Math.floor(MOST_POINTS / behind.length));
    const parts = behind.slice(0, MOST_POINTS).map(({ id, from }) => this.#part(id, from, share));
    const more = parts.length < behind.length || parts.some((part) => !this.#isLast(part));
    return { session: this.session, sequence: this.sequence, more, parts };
  }

  #push({ curve, cuts }: Kept, step: number, atMs: number, value: number): void {
    if (curve.length > 0 && step < curve.steps.at(curve.length - 1)) {
      curve.cut(curve.before(step)); // measured again, by a run that was started again: the newer ones count
      cuts.add(curve.length);
    }
    curve.push(step, atMs, value);
    this.sequence += 1;
  }

  #tagsOf(run: string): Map<string, Kept> {
    let tags = this.#byName.get(run);
    if (tags === undefined) this.#byName.set(run, (tags = new Map<string, Kept>()));
    return tags;
  }

  #begin(run: string, tag: string, tags: Map<string, Kept>): Kept {
    const kept = { curve: new Curve(run, tag), cuts: new Cuts() };
    tags.set(tag, kept);
    this.#kept.push(kept);
    return kept;
  }

  #part(id: number, from: number, most: number): Part {
    const { curve, cuts } = this.#kept[id]!;
    const to = Math.min(curve.length, from + most);
    const { run, tag, firstMs } = curve;
    return {
      curve: id,
      run,
      tag,
      cuts: cuts.count,
      from,
      firstMs: Number.isNaN(firstMs) ? null : firstMs,
      steps: curve.steps.view(from, to),
      times: curve.times.view(from, to),
      values: curve.values.view(from, to),
    };
  }

  #isLast({ curve, from, values }: Part): boolean {
    return from + values.length === this.#kept[curve]!.curve.length;
  }
}
