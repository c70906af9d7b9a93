import { expect, it } from 'vitest';
import { Texts } from '../../src/values/texts.js';

/** Texts as a column of Arrow has them. */
function column(texts: readonly string[]): { bytes: Uint8Array; offsets: Int32Array } {
  const all = texts.map((text) => new TextEncoder().encode(text));
  const offsets = Int32Array.from({ length: texts.length + 1 }, () => 0);
  all.forEach((one, i) => (offsets[i + 1] = offsets[i]! + one.length));
  const bytes = new Uint8Array(offsets.at(-1)!);
  all.forEach((one, i) => bytes.set(one, offsets[i]));
  return { bytes, offsets };
}

function numbers(known: Texts, texts: readonly string[]): number[] {
  const { bytes, offsets } = column(texts);
  return [...known.numbers(bytes, offsets, texts.length)];
}

it('numbers texts in the order in which they come, the empty one too, and knows them again', () => {
  const known = new Texts();
  expect(numbers(known, ['b', '', 'a', 'b', '', 'ab'])).toEqual([0, 1, 2, 0, 1, 3]);
  expect(numbers(known, ['ab', 'ba', 'a', '', 'ü'])).toEqual([3, 4, 2, 1, 5]);
  expect(known.size).toBe(6);
});

it('tells texts apart that have the same hash', () => {
  const known = new Texts();
  const same = ['costarring', 'liquid', 'declinate', 'macallums']; // pairs of one FNV-1a hash
  expect(numbers(known, [...same, ...same])).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
});

it('keeps a hundred thousand of them, of any length', () => {
  const known = new Texts();
  const texts = Array.from({ length: 100_000 }, (_, i) => `${'x'.repeat(i % 37)}${i}`);
  const want = texts.map((_, i) => i);
  expect(numbers(known, texts)).toEqual(want);
  expect(numbers(known, [...texts].reverse())).toEqual([...want].reverse());
});
