import { describe, expect, it } from 'vitest';
import { Curve } from '../../../src/apps/dashboard/curve.js';

/** Curves of one run, each begun beside the one before it. */
function curves(count: number): Curve[] {
  const all: Curve[] = [];
  for (let i = 0; i < count; i++) all.push(new Curve('run', `${i}`, all.at(-1) ?? null));
  return all;
}

const push = (some: readonly Curve[], ...steps: readonly number[]): void => {
  for (const step of steps) for (const curve of some) curve.push(step, 1000 * step, 0);
};
const memories = (some: readonly Curve[]): number => new Set(some.map(({ steps }) => steps.buffer)).size;
const steps = (curve: Curve): number[] => [...curve.steps];

describe('the curves of a run', () => {
  it('share the memory of steps and times where they are measured together', () => {
    const all = curves(3);
    push(all, 1, 2, 3);
    expect(memories(all)).toBe(1);
    expect(all.map(steps)).toEqual([1, 2, 3].map(() => [1, 2, 3]));
    expect([...all[2]!.times]).toEqual([0, 1000, 2000]);
  });

  it('share it still after a run was started again, or from some step on is measured otherwise', () => {
    const all = curves(4);
    push(all, 1, 2, 3, 4);
    for (const curve of all) curve.cut(2);
    push(all, 3, 5);
    expect(memories(all)).toBe(1);
    push(all.slice(0, 2), 6);
    push(all.slice(2), 7);
    push(all, 8);
    expect(memories(all)).toBe(2);
    expect(all.map(steps)).toEqual([6, 6, 7, 7].map((step) => [1, 2, 3, 5, step, 8]));
  });

  it('go their own ways where they are measured one by one, at other steps or at other times', () => {
    const [a, b, c] = curves(3) as [Curve, Curve, Curve];
    push([a], 1, 2, 3, 4);
    push([b], 2, 4);
    c.push(2, 2001, 0);
    c.push(4, NaN, 0);
    expect([a, b, c].map(steps)).toEqual([
      [1, 2, 3, 4],
      [2, 4],
      [2, 4],
    ]);
    expect([a, b, c].map(({ firstMs, times }) => [...times].map((ms) => firstMs + ms))).toEqual([
      [1000, 2000, 3000, 4000],
      [2000, 4000],
      [2001, NaN],
    ]);
  });

  it('do not take a way that was left for another since', () => {
    const [a, b] = curves(2) as [Curve, Curve];
    push([a, b], 1, 2);
    push([b], 4); // the end of what both share
    push([a], 3); // a fork behind two
    b.cut(0);
    push([b], 7, 8, 9); // alone, b changes what it had shared
    const c = new Curve('run', 'c', b);
    push([c], 7, 8, 3);
    expect([a, b, c].map(steps)).toEqual([
      [1, 2, 3],
      [7, 8, 9],
      [7, 8, 3],
    ]);
  });
});
