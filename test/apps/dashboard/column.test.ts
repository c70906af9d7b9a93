import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayOf, Column, type Kind } from '../../../src/apps/dashboard/column.js';

const KINDS: readonly Kind[] = ['uint32', 'float32', 'float64'];
const counts = fc.nat(2 ** 32 - 1);
const floats = fc.float();
const numbers = fc.array(fc.oneof(counts, floats, fc.double(), fc.constantFrom(-0, NaN, Infinity, 2 ** 32, 2 ** 53)));

describe('a column', () => {
  it('gives back what was put in, to the bit, whatever kind it began as', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), numbers, (kind, all) => {
        const column = new Column(kind);
        for (const x of all) column.push(x);
        expect([...column.view()]).toEqual(all);
        expect(all.map((_, i) => column.at(i))).toEqual(all);
      }),
    );
  });

  it('takes arrays of any kind as it takes their numbers one by one', () => {
    const arrays = fc.array(fc.oneof(fc.uint32Array(), fc.float32Array(), fc.float64Array()));
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), arrays, (kind, all) => {
        const [whole, single] = [new Column(kind), new Column(kind)];
        for (const some of all) {
          whole.append(some);
          for (const x of some) single.push(x);
        }
        expect([...whole.view()]).toEqual(all.flatMap((some) => [...some]));
        expect(whole.kind).toBe(single.kind);
      }),
    );
  });

  it.each([
    ['uint32', [0, 7, 2 ** 32 - 1], 'uint32'],
    ['uint32', [0, -1], 'float32'],
    ['uint32', [0.5], 'float32'],
    ['uint32', [1, NaN], 'float32'],
    ['uint32', [-0], 'float32'],
    ['uint32', [2 ** 24 + 1, 0.5], 'float64'], // the first one is no float32
    ['uint32', [2 ** 32], 'float32'],
    ['float32', [Math.fround(0.1), Infinity, NaN], 'float32'],
    ['float32', [0.1], 'float64'],
  ] as const)('of %s that takes %o is of %s: the narrowest that holds each exactly', (kind, all, then) => {
    const column = new Column(kind);
    for (const x of all) column.push(x);
    expect([column.kind, [...column.view()]]).toEqual([then, all]);
  });

  it('forgets what is cut, and goes on from there', () => {
    const column = new Column('uint32');
    for (let i = 0; i < 1000; i++) column.push(i);
    column.cut(2000);
    expect(column.length).toBe(1000);
    column.cut(3);
    column.push(9);
    expect([...column.view()]).toEqual([0, 1, 2, 9]);
    expect([...column.view(1, 3)]).toEqual([1, 2]);
  });

  it('lends a view that later growth leaves alone', () => {
    const column = new Column('float32');
    column.push(1);
    const view = column.view();
    for (let i = 0; i < 1000; i++) column.push(i + 0.1);
    expect([...view]).toEqual([1]);
  });

  it.each(KINDS)('of %s is read from bytes', (kind) => {
    const column = new Column(kind);
    column.append(Uint32Array.of(1, 2, 3));
    const view = column.view();
    expect(arrayOf(kind, view.buffer as ArrayBuffer, view.byteOffset, 3)).toEqual(view);
  });
});
