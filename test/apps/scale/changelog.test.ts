import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bundleKey,
  bundleNumber,
  BundleWriter,
  keyOf,
  nextOffset,
  readable,
  readBundle,
} from '../../../src/apps/scale/changelog.js';
import type { Key } from '../../../src/types.js';
import { holds } from '../../holds.js';
import { refusal } from '../../refusal.js';

const bytes = fc.uint8Array({ maxLength: 6 }).map((list) => Buffer.from(list));

type Rows = readonly (readonly [key: Key, row: Float64Array | null])[];

function bundleOf(next: number, rows: Rows): Buffer {
  const writer = new BundleWriter();
  for (const [key, row] of rows) writer.add(key, row ?? undefined);
  return writer.finish(next);
}

function rowsOf(bundle: Buffer): Rows {
  const rows: [Key, Float64Array | null][] = [];
  readBundle(bundle, (key, row) => rows.push([key, row && row.slice()]));
  return rows;
}

describe('a key', () => {
  it('is the bytes of the message’s, whatever they are, and none is a key of its own', () => {
    holds(
      fc.property(fc.option(bytes), fc.option(bytes), (one, other) => {
        expect(rowsOf(bundleOf(7, [[keyOf(one), Float64Array.of(1)]]))[0]![0]).toBe(keyOf(one));
        const areSame = one === null || other === null ? one === other : one.equals(other);
        expect(keyOf(one) === keyOf(other)).toBe(areSame);
      }),
    );
  });

  it('is shown as UTF-8, or with its bytes escaped', () => {
    const shown = [Buffer.from('größe'), Buffer.of(0x61, 0xff, 0x80)].map((key) => readable(keyOf(key) as string));
    expect(shown).toEqual(['größe', 'a\\xff\\x80']);
  });
});

describe('a bundle', () => {
  const doubles = fc.array(fc.double(), { minLength: 1, maxLength: 9 }).map((list) => Float64Array.from(list));
  const row = fc.tuple(fc.option(bytes.map(keyOf)), fc.option(doubles));

  it('comes back bit for bit, wherever its bytes lie', () => {
    holds(
      fc.property(fc.maxSafeNat(), fc.array(row), fc.nat(9), (next, rows, before) => {
        const moved = Buffer.concat([Buffer.alloc(before), bundleOf(next, rows)]).subarray(before);
        expect(nextOffset(moved)).toBe(next);
        expect(rowsOf(moved)).toEqual(rows);
      }),
    );
  });

  it('is, little-endian, the next offset, and of each key its length, that of its row, itself and its row', () => {
    const expected = [
      '0000000000000840',
      '02000000 01000000 6162 000000000000e03f',
      '01000000 00000000 63',
      'ffffffff 01000000 000000000000f03f',
    ];
    const bundle = bundleOf(3, [['ab', Float64Array.of(0.5)], ['c', null], [null, Float64Array.of(1)]]); // prettier-ignore
    expect(bundle.toString('hex')).toBe(expected.join('').replaceAll(' ', ''));
  });

  it('leaves the writer empty, for the next one', () => {
    const writer = new BundleWriter();
    writer.add('a', new Float64Array(500));
    expect(writer.bytes).toBe(8 + 9 + 4000);
    const first = writer.finish(1);
    writer.add('b', Float64Array.of(2));
    expect(rowsOf(writer.finish(2))).toEqual([['b', Float64Array.of(2)]]);
    expect(rowsOf(first)).toEqual([['a', new Float64Array(500)]]);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'NaN for an offset'],
    ['of an offset that is no number', bundleOf(NaN, []), 'NaN for an offset'],
    ['of an offset below 0', bundleOf(-1, []), '-1 for an offset'],
    ['of half an offset', bundleOf(1.5, []), '1.5 for an offset'],
    ['cut in a double', bundleOf(1, [['a', Float64Array.of(1)]]).subarray(0, -1), 'half a row'],
    ['cut in a key', bundleOf(1, [['abc', null]]).subarray(0, -1), 'half a row'],
    ['cut in a length', bundleOf(1, [['', null]]).subarray(0, -1), 'half a row'],
  ])('is refused if it is %s', (_, bundle, got) => {
    const read = (): void => {
      nextOffset(bundle);
      readBundle(bundle, () => {});
    };
    const message = `the changelog must have a head and bundles of rows, got ${got}`;
    expect(refusal(read)).toEqual({ code: 'SNAPSHOT_CORRUPT', message });
  });

  it.each([1, 17, 4_000_000_000])('has a number, in its key: %d', (number) => {
    expect(bundleKey(number).toString()).toBe(`rows-${number}`);
    expect(bundleNumber(bundleKey(number))).toBe(number);
  });

  it.each(['', 'rows-', 'rows-0', 'rows-1.5', 'rows-x', 'sensor-17', `rows-${'9'.repeat(80)}`])(
    'is refused under another key: %j',
    (key) => {
      const message = `the changelog must have a head and bundles of rows, got a message under ${JSON.stringify(key.slice(0, 40))}`;
      expect(refusal(() => bundleNumber(Buffer.from(key)))).toEqual({ code: 'SNAPSHOT_CORRUPT', message });
    },
  );
});
