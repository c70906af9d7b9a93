import * as fc from 'fast-check';
import type { Key } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { Bundles, type BundleSizes } from '../../../src/apps/scale/bundles.js';
import { bundleNumber, readBundle, type ChangelogMessage } from '../../../src/apps/scale/changelog.js';
import { holds } from '../../holds.js';
import { randomFrom } from '../../support/columns.js';
import { compacted, type Compaction } from './support/compacted.js';

/** A number for each key, in slots that others get when it is gone. */
class Table {
  readonly slotOf = new Map<Key, number>();
  /** Keys that there have been at once. */
  most = 0;
  readonly #free: number[] = [];
  readonly #values: number[] = [];

  get size(): number {
    return this.slotOf.size;
  }

  keys = (): Key[] => [...this.slotOf.keys()];
  slot = (key: Key): number | undefined => this.slotOf.get(key);

  get(key: Key): Float64Array | undefined {
    const slot = this.slotOf.get(key);
    return slot === undefined ? undefined : Float64Array.of(this.#values[slot]!);
  }

  put(key: Key, [value]: Float64Array): number {
    const slot = this.slotOf.get(key) ?? this.#free.pop() ?? this.slotOf.size;
    this.slotOf.set(key, slot);
    this.most = Math.max(this.most, this.slotOf.size);
    this.#values[slot] = value!;
    return slot;
  }

  forget(key: Key): void {
    const slot = this.slotOf.get(key);
    if (slot === undefined) return;
    this.slotOf.delete(key);
    this.#free.push(slot);
  }

  entries = (): Map<Key, number> => new Map(this.keys().map((key) => [key, this.get(key)![0]!]));
}

function restored(log: readonly ChangelogMessage[], sizes: BundleSizes): { table: Table; bundles: Bundles } {
  const [table, bundles] = [new Table(), new Bundles(sizes)];
  for (const { key, value } of log) expect(bundles.take(bundleNumber(key), value, table)).toBe(true);
  return { table, bundles };
}

/** A commit: what has moved, and what is gone. */
type Commit = { readonly moved: readonly Key[]; readonly gone: readonly Key[] };

const key = fc.constantFrom<Key>(...Array.from('abcdefghijkl'), '', null);
const keys = fc.array(key, { maxLength: 8 });
const sizes = fc.record({ fullBytes: fc.constantFrom(1, 60, 16_384), spareRows: fc.nat(12) });
const compaction = fc.record({ share: fc.constantFrom(1, 0.2, 0.5, 0.8), withTombstones: fc.boolean() });
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ moved: keys, gone: keys }) },
    { weight: 2, arbitrary: compaction },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  ),
  { maxLength: 60, size: 'max' },
);

/** Plays steps, and has each state of the log looked at. */
function play(
  all: readonly (Commit | Compaction | 'restart')[],
  sizes: BundleSizes,
  look: (log: readonly ChangelogMessage[], table: Table, isLast: boolean) => void,
): void {
  let [table, bundles, log] = [new Table(), new Bundles(sizes), [] as ChangelogMessage[]];
  let next = 0;
  for (const [i, step] of all.entries()) {
    if (step === 'restart') ({ table, bundles } = restored(log, sizes));
    else if ('share' in step) log = compacted(log, step);
    else {
      for (const key of step.moved) table.put(key, Float64Array.of(++next));
      for (const key of step.gone) table.forget(key);
      log.push(...bundles.changes(new Set([...step.moved, ...step.gone]), table, next));
    }
    look(log, table, i === all.length - 1);
  }
}

/** Rows in bundles that still count as compaction sees it. */
function rowsIn(log: readonly ChangelogMessage[]): number {
  let rows = 0;
  for (const { value } of compacted(log, { share: 1, withTombstones: true })) readBundle(value!, () => rows++);
  return rows;
}

describe('bundles', () => {
  it('say of each key what it has, however far compaction has come', () => {
    holds(
      fc.property(steps, sizes, fc.array(compaction, { maxLength: 3 }), (steps, sizes, later) => {
        play(steps, sizes, (log, table) => {
          const left = later.reduce<readonly ChangelogMessage[]>(compacted, log);
          expect(restored(left, sizes).table.entries()).toEqual(table.entries());
        });
      }),
      300,
    );
  });

  it('say it also to whom they are compacted while he reads', () => {
    holds(
      fc.property(steps, sizes, fc.double({ min: 0, max: 1, noNaN: true }), compaction, (steps, sizes, read, how) => {
        play(steps, sizes, (log, table) => {
          const from = Math.floor(read * log.length);
          const left = new Set(compacted(log, how));
          const seen = log.filter((message, at) => at < from || left.has(message));
          expect(restored(seen, sizes).table.entries()).toEqual(table.entries());
        });
      }),
      300,
    );
  });

  it('never make more keys than there were', () => {
    holds(
      fc.property(steps, sizes, (steps, sizes) => {
        let most = 0;
        play(steps, sizes, (log, table) => {
          most = Math.max(most, table.size);
          expect(restored(log, sizes).table.most).toBeLessThanOrEqual(most);
        });
      }),
      300,
    );
  });

  it('hold twice as many rows as there are keys, and those that are spare, and those that are still to be looked at', () => {
    holds(
      fc.property(steps, sizes, key, (steps, sizes, key) => {
        play(
          [...steps, ...Array.from({ length: 20 }, () => ({ moved: [key], gone: [] }))],
          sizes,
          (log, table, isLast) => {
            if (isLast) expect(rowsIn(log)).toBeLessThanOrEqual(2.25 * table.size + sizes.spareRows + 1);
          },
        );
      }),
      300,
    );
  });

  it('have no more numbers, and no more rows written anew, than they need', () => {
    const table = new Table();
    const bundles = new Bundles({ fullBytes: 1, spareRows: 8 });
    const random = randomFrom(1);
    const numbers = new Set<number>();
    let [moves, written] = [0, 0];
    for (let i = 0; i < 3000; i++) {
      const moved = new Set(Array.from({ length: i % 7 === 0 ? 12 : 1 }, () => `${Math.floor(random() ** 2 * 40)}`));
      for (const key of moved) table.put(key, Float64Array.of(i));
      const gone = i % 200 === 0 ? table.keys() : [];
      for (const key of gone) table.forget(key);
      for (const key of gone) moved.add(key as string);
      const keys: Key[] = [];
      for (const { key, value } of bundles.changes(moved, table, i)) {
        numbers.add(bundleNumber(key));
        if (value !== null) readBundle(value, (key) => keys.push(key));
      }
      expect(new Set(keys).size).toBe(keys.length);
      moves += moved.size;
      written += keys.length;
    }
    expect(numbers.size).toBeLessThanOrEqual(2 * 40 + 8 + 12 + 40);
    expect(written / moves).toBeLessThan(1.5);
  });
});
