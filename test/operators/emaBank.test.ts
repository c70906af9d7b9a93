import * as fc from 'fast-check';
import { biasCorrected, emaBank, emaScan } from 'rx-ema';
import { from, lastValueFrom, of, toArray, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { holds } from '../holds.js';
import { refusal, refusalOf } from '../refusal.js';
import { closeTo } from './marbles.js';

const all = <T>(stream: Observable<T>): Promise<T[]> => lastValueFrom(stream.pipe(toArray()), { defaultValue: [] });

/** What the operator emits for values that come at once. */
function banked(xs: readonly (number | null | undefined)[], decays: readonly number[]): number[][] {
  const rows: number[][] = [];
  from(xs)
    .pipe(emaBank({ decays }))
    .subscribe((row) => rows.push([...row]));
  return rows;
}

it('emits an array per value, in the order given', () => {
  new TestScheduler(closeTo({ rtol: 1e-12 })).run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('  --a--b--|', { a: 2, b: 4 });
    const subs = '        ^-------!';
    const expected = '    --x--y--|';
    const bank = source.pipe(emaBank({ decays: [0.5, 0] }));
    expectObservable(bank).toBe(expected, { x: Float64Array.of(2, 2), y: Float64Array.of(10 / 3, 4) });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

it('equals emaScan and biasCorrected at each horizon, bit for bit, before and after they settle', async () => {
  const decays = [0.999, 0, 0.5, 0.9, 0.999999];
  const xs = Array.from({ length: 60_000 }, (_, i) => 1e6 * Math.sin(i * i));
  const want = await Promise.all(decays.map((decay) => all(from(xs).pipe(emaScan({ decay }), biasCorrected()))));
  let different = 0;
  banked(xs, decays).forEach((row, i) => row.forEach((y, k) => (different += Object.is(y, want[k]![i]) ? 0 : 1)));
  expect(different).toBe(0);
});

it('equals them for any values, half-lives and gaps', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(null, undefined, NaN));
  const halfLife = fc.double({ min: 0, minExcluded: true, max: 1e300, noNaN: true });
  holds(
    fc.property(fc.array(value), fc.array(halfLife, { minLength: 1, maxLength: 9 }), (xs, halfLives) => {
      const want = halfLives.map((one) => {
        const outs: number[] = [];
        const single = from(xs).pipe(emaScan<number | null | undefined>({ halfLife: one }), biasCorrected());
        single.subscribe((y) => outs.push(Number.isFinite(y) ? y! : NaN)); // skipped: comes out as it came in
        return outs;
      });
      const got: Float64Array[] = [];
      from(xs)
        .pipe(emaBank({ halfLives }))
        .subscribe((row) => got.push(row));
      expect(got.map((row) => [...row])).toEqual(xs.map((_, i) => want.map((outs) => outs[i]!)));
    }),
  );
});

it('keeps a constant exactly constant, at any horizon', () => {
  const decays = [0, 0.1, 0.9, 0.99, 0.999999];
  expect(banked(Array<number>(5_000).fill(0.1), decays).every((row) => row.every((y) => y === 0.1))).toBe(true);
});

it('gives NaN at every horizon for what is missing, and takes no step', () => {
  const rows = banked([4, null, undefined, NaN, Infinity, -Infinity, 8], [0, 0.5]);
  const none = [NaN, NaN];
  expect(rows).toEqual([[4, 4], none, none, none, none, none, [8, expect.closeTo(20 / 3, 14)]]);
  expect(banked([NaN, 3], [0.5])).toEqual([[NaN], [3]]);
});

it('bridges values whose difference overflows', () => {
  const [, row] = banked([1.5e308, -1.5e308], [0.5]);
  expect(row![0]).toBeCloseTo(-0.5e308, -296);
});

it('emits arrays of their own', async () => {
  const rows = await all(of(1, 2, 3).pipe(emaBank({ decays: [0.5] })));
  const later = rows[2]![0];
  rows[0]![0] = 99;
  expect([rows[1]![0], rows[2]![0]]).toEqual([expect.closeTo(5 / 3, 14), later]);
  expect(new Set(rows.map(({ buffer }) => buffer)).size).toBe(3);
});

it('keeps the rates it was built with', async () => {
  const decays = [0.5];
  const bank = emaBank<number>({ decays });
  decays[0] = 0;
  expect(await all(of(3, 6).pipe(bank))).toEqual([Float64Array.of(3), Float64Array.of(5)]);
});

it.each([
  [undefined, 'DECAY_CHOICE', 'like { decay'],
  [{}, 'DECAY_CHOICE', 'exactly one of decays, halfLives, got none'],
  [{ decays: [0.5], halfLives: [2] }, 'DECAY_CHOICE', 'got decays and halfLives'],
  [{ decay: [0.5] }, 'OPTION_UNKNOWN', "did you mean 'decays'"],
  [{ decays: 0.5 }, 'OPTION_VALUE', 'a list of at least one number, got 0.5'],
  [{ halfLives: [] }, 'OPTION_VALUE', 'a list of at least one number, got []'],
  [{ decays: [0.5, 1] }, 'DECAY_RANGE', 'decays[1] must be in [0, 1), got 1'],
  [{ decays: [-0.1] }, 'DECAY_RANGE', 'got -0.1'],
  [{ decays: [NaN] }, 'DECAY_RANGE', 'got NaN'],
  // oxlint-disable-next-line no-sparse-arrays -- a hole is no decay
  [{ decays: [0.5, , 0.5] }, 'DECAY_RANGE', 'decays[1] must be in [0, 1), got undefined'],
  [{ decays: [() => 0.5] }, 'DECAY_RANGE', 'got a function'],
  [{ halfLives: [1, 0] }, 'DECAY_RANGE', 'halfLives[1] must be > 0 steps and finite, got 0'],
  [{ halfLives: [Infinity] }, 'DECAY_RANGE', 'got Infinity'],
  [{ halfLives: ['3'] }, 'DECAY_RANGE', "got '3'"],
])('refuses %j when the pipe is built', (options, code, words) => {
  const refused = refusal(() => emaBank(options as never));
  expect(refused.code).toBe(code);
  expect(refused.message).toContain(words);
});

it('refuses what is no number', async () => {
  const { code } = await refusalOf(of(1, [2]).pipe(emaBank({ decays: [0.5] }) as never));
  expect(code).toBe('VALUE_KIND');
});
