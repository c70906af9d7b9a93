import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Curve } from '../../../src/apps/dashboard/curve.js';
import type { MetricPoint } from '../../../src/apps/dashboard/point.js';
import { decodePoints, encodePoints, type Points, type PointsRequest } from '../../../src/apps/dashboard/protocol.js';
import { Store } from '../../../src/apps/dashboard/store.js';
import { Reader, type Row } from '../../support/dashboardReader.js';

const point = (run: string, step: number, values: Record<string, number>): MetricPoint => ({
  run,
  step,
  atMs: 1_700_000_000_000 + 40 * step,
  values,
});
const NOBODY = { session: '', positions: [] };

/** What a store must hold, by the rule itself. */
class Truth {
  readonly curves: Record<string, Row[]> = {};

  add(points: readonly MetricPoint[]): void {
    for (const { run, step, atMs, values } of points) {
      for (const [tag, value] of Object.entries(values)) {
        const name = `${run} ${tag}`;
        const rows = this.curves[name] ?? [];
        const isLate = rows.length > 0 && step < rows.at(-1)![0];
        this.curves[name] = [...(isLate ? rows.filter(([one]) => one < step) : rows), [step, atMs, value]];
      }
    }
  }
}

/** Keeps points in curves, as the page does. */
class CurveReader {
  session = '';
  readonly #held = new Map<number, { readonly curve: Curve; readonly cuts: number }>();
  readonly #newest = new Map<string, Curve>();

  get request(): PointsRequest {
    const positions = [...this.#held].map(([id, { curve, cuts }]) => ({ curve: id, cuts, count: curve.length }));
    return { session: this.session, positions };
  }

  take({ session, parts }: Points): void {
    this.session = session;
    for (const { curve: id, run, tag, cuts, from, ...points } of parts) {
      const curve = this.#held.get(id)?.curve ?? new Curve(run, tag, this.#newest.get(run) ?? null);
      curve.cut(from);
      curve.append({ ...points, firstMs: points.firstMs ?? NaN });
      this.#held.set(id, { curve, cuts });
      this.#newest.set(run, curve);
    }
  }

  get curves(): Record<string, Row[]> {
    return Object.fromEntries(
      [...this.#held.values()].map(({ curve: { run, tag, steps, times, firstMs, values } }) => [
        `${run} ${tag}`,
        Array.from(values.view(), (value, i): Row => [steps[i]!, firstMs + times[i]!, value]),
      ]),
    );
  }
}

/** Everything there is. */
function all(store: Store): Record<string, Row[]> {
  const reader = new Reader();
  for (let more = true; more;) {
    const points = store.read(reader.request);
    reader.take(points);
    more = points.more;
  }
  return reader.curves;
}

/** Points that come, and readers that ask; a restart is one whose step goes back. */
const points = fc.array(
  fc
    .record({
      run: fc.constantFrom('a', 'b'),
      step: fc.nat(30),
      late: fc.constantFrom(0, 0, 0, 7, -9, NaN),
      values: fc.dictionary(fc.constantFrom('loss', 'acc', 'lr', '__proto__'), fc.oneof(fc.double(), fc.integer()), {
        noNullPrototype: true,
      }),
    })
    .map(({ run, step, values, late }) => ({ ...point(run, step, values), atMs: 1_700_000_000_000 + step + late })),
  { maxLength: 9 },
);
const READERS = 3;
type Move = { readonly add: MetricPoint[] } | { readonly read: number } | { readonly forget: number };
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    fc.record({ add: points }),
    fc.record({ read: fc.nat(READERS - 1) }),
    fc.record({ forget: fc.nat(READERS - 1) }),
  ),
  { maxLength: 30 },
);

describe('a store', () => {
  it('has every reader end with just what was measured, however often it reads, whatever is measured again', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const [store, truth] = [new Store(), new Truth()];
        const readers: (Reader | CurveReader)[] = Array.from({ length: READERS }, () => new Reader());
        const read = (reader: Reader | CurveReader): void => {
          const bytes = encodePoints(store.read(reader.request));
          reader.take(decodePoints(bytes.buffer as ArrayBuffer));
        };
        for (const move of all) {
          if ('add' in move) {
            store.add(move.add);
            truth.add(move.add);
          } else if ('read' in move) {
            read(readers[move.read]!);
            expect(readers[move.read]!.curves).toEqual(truth.curves);
          } else readers[move.forget] = new CurveReader();
        }
        for (const reader of readers) read(reader);
        for (const reader of readers) expect(reader.curves).toEqual(truth.curves);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives what is more than 2^18 points in several answers, between which points come and are measured again', () => {
    const [store, truth, reader] = [new Store(), new Truth(), new Reader()];
    const add = (run: string, from: number, to: number): void => {
      const some = Array.from({ length: to - from }, (_, i) => point(run, from + i, { loss: i, acc: -i }));
      store.add(some);
      for (const tag of ['loss', 'acc']) {
        const rows = truth.curves[`${run} ${tag}`] ?? [];
        const added = some.map(({ step, atMs, values }): Row => [step, atMs, values[tag]!]);
        truth.curves[`${run} ${tag}`] = [...rows.filter(([step]) => step < from), ...added];
      }
    };
    add('a', 0, 200_000);
    add('b', 0, 100_000);
    const changes = [() => add('a', 50, 90_000), () => add('b', 70_000, 110_000), () => add('c', 0, 10), () => {}];
    const answers = [];
    for (let more = true; more;) {
      const answer = store.read(reader.request);
      answers.push(answer.parts.reduce((sum, { values }) => sum + values.length, 0));
      reader.take(answer);
      more = answer.more;
      const change = changes.shift();
      change?.();
      more ||= change !== undefined;
    }
    expect(answers.length).toBeGreaterThan(3);
    expect(Math.max(...answers)).toBeLessThanOrEqual(2 ** 18);
    expect(reader.curves).toEqual(truth.curves);
  });

  it('gives nothing to who has everything, and only what is new to who has the rest', () => {
    const [store, reader] = [new Store(), new Reader()];
    store.add([point('a', 1, { loss: 1, acc: 1 })]);
    reader.take(store.read(reader.request));
    expect(store.read(reader.request)).toMatchObject({ more: false, parts: [], sequence: 2 });
    store.add([point('a', 2, { loss: 2 })]);
    const { parts, sequence } = store.read(reader.request);
    expect(sequence).toBe(3);
    expect(parts.map(({ tag, from, values }) => [tag, from, [...values]])).toEqual([['loss', 1, [2]]]);
  });

  it('starts over for a reader that knew another store', () => {
    const [old, store, reader] = [new Store(), new Store(), new Reader()];
    old.add([point('a', 1, { loss: 9 }), point('a', 2, { loss: 9 })]);
    store.add([point('b', 1, { loss: 1 })]);
    reader.take(old.read(reader.request));
    reader.take(store.read(reader.request));
    expect(old.session).not.toBe(store.session);
    expect(Object.keys(reader.curves)).toEqual(['b loss']);
  });

  it('believes no positions that cannot be', () => {
    const store = new Store();
    store.add([point('a', 1, { loss: 1 })]);
    const { session } = store;
    const mad = [
      { curve: 0, cuts: 99, count: 99 },
      { curve: 77, cuts: 0, count: 0 },
    ];
    expect(store.read({ session, positions: mad })).toMatchObject({ more: false, parts: [] });
    const { length } = store.read({ session, positions: [{ curve: 0, cuts: 99, count: 0 }] }).parts[0]!.values;
    expect(length).toBe(1);
  });

  it('keeps several points of one step', () => {
    const store = new Store();
    store.add([1, 2, 3].map((loss) => point('a', 1, { loss })));
    expect(all(store)['a loss']!.map(([step, , value]) => [step, value])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  it('passes over what is no number, and keeps numbers that are not finite', () => {
    const store = new Store();
    const values = { loss: NaN, acc: -Infinity, name: 'x', none: null } as unknown as Record<string, number>;
    store.add([point('a', 1, values)]);
    expect(Object.values(all(store)).map(([row]) => row![2])).toEqual([NaN, -Infinity]);
    expect(store.sequence).toBe(2);
  });

  it('stays small when steps go down for ever', () => {
    const [store, reader] = [new Store(), new Reader()];
    for (let step = 20_000; step > 0; step--) store.add([point('a', step, { loss: step })]);
    reader.take(store.read(NOBODY));
    expect(reader.curves['a loss']).toHaveLength(1);
    expect(JSON.stringify(store.read(NOBODY)).length).toBeLessThan(400);
  });
});
