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

interface Run {
  readonly byTag: Map<string, Kept>;
  /** That a point came for last. */
  newest: Curve | null;
}

/** Everything that was measured, curve by curve; readers take what they do not have, each at its own speed. */
export class Store {
  /** Names this store, so that a reader that knew another one starts over. */
  readonly session: string = randomUUID();
  /** Points taken in so far. */
  sequence = 0;
  readonly #kept: Kept[] = [];
  readonly #runs = new Map<string, Run>();

  /** What is no number among a point's values is passed over. */
  add(points: readonly MetricPoint[]): void {
    for (const { run, step, atMs, values } of points) {
      const known = this.#runOf(run);
      for (const tag of Object.keys(values)) {
        const value: unknown = values[tag];
        if (typeof value !== 'number') continue;
        const kept = known.byTag.get(tag) ?? this.#begin(run, tag, known);
        this.#push(kept, step, atMs, value);
        known.newest = kept.curve;
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
    if (step < curve.lastStep) {
      curve.cut(curve.before(step)); // measured again, by a run that was started again: the newer ones count
      cuts.add(curve.length);
    }
    curve.push(step, atMs, value);
    this.sequence += 1;
  }

  #runOf(name: string): Run {
    let run = this.#runs.get(name);
    if (run === undefined) this.#runs.set(name, (run = { byTag: new Map<string, Kept>(), newest: null }));
    return run;
  }

  #begin(name: string, tag: string, { byTag, newest }: Run): Kept {
    const kept = { curve: new Curve(name, tag, newest), cuts: new Cuts() };
    byTag.set(tag, kept);
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
      steps: curve.steps.subarray(from, to),
      times: curve.times.subarray(from, to),
      values: curve.values.view(from, to),
    };
  }

  #isLast({ curve, from, values }: Part): boolean {
    return from + values.length === this.#kept[curve]!.curve.length;
  }
}
