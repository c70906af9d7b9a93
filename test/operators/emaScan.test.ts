import * as fc from 'fast-check';
import { biasCorrected, Ema, emaScan } from 'rx-ema';
import {
  type Observable,
  concatMap,
  delay,
  from,
  lastValueFrom,
  map,
  of,
  pairwise,
  retry,
  share,
  toArray,
  zip,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { holds } from '../holds.js';
import { refusalOf } from '../refusal.js';
import { closeTo, exactly } from './marbles.js';

it('starts at zero and moves by 1 − decay', () => {
  new TestScheduler(exactly).run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('  --a--b--c--|', { a: 4, b: 4, c: 4 });
    const subs = '        ^----------!';
    const expected = '    --x--y--z--|';
    expectObservable(source.pipe(emaScan({ decay: 0.5 }))).toBe(expected, { x: 2, y: 3, z: 3.5 });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

it('emits the first value unchanged, then weights by decay, when bias-corrected', () => {
  new TestScheduler(closeTo({ rtol: 1e-12 })).run(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('  --a--b--|', { a: 2, b: 4 });
    const subs = '        ^-------!';
    const expected = '    --x--y--|';
    expectObservable(source.pipe(emaScan({ decay: 0.5 }), biasCorrected())).toBe(expected, { x: 2, y: 10 / 3 });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });
});

it('keeps rows aligned: what is missing comes out missing, when it came in', () => {
  new TestScheduler(exactly).run(({ hot, expectObservable }) => {
    const values = { a: 4, n: NaN, u: null, b: 4 };
    const source = hot('  -a-n-u-b-|', values);
    const skip = '        -x-n-u-y-|';
    const carry = '       -x-x-x-y-|';
    expectObservable(source.pipe(emaScan<number | null>({ decay: 0.5 }))).toBe(skip, { ...values, x: 2, y: 3 });
    expectObservable(source.pipe(emaScan<number | null>({ decay: 0.5, missing: 'carry' }))).toBe(carry, { x: 2, y: 3 });
  });
});

it('smooths the number fields of records and passes the rest through', () => {
  new TestScheduler(exactly).run(({ cold, expectObservable }) => {
    const source = cold('-a-b|', { a: { epoch: 'one', loss: 4 }, b: { epoch: 'two', loss: 8 } });
    const expected = '   -x-y|';
    expectObservable(source.pipe(emaScan({ decay: 0.5, columns: ['loss'] }))).toBe(expected, {
      x: { epoch: 'one', loss: 2 },
      y: { epoch: 'two', loss: 5 },
    });
  });
});

it('of a schedule asks for steps from 1', async () => {
  const steps: number[] = [];
  const decay = ({ step }: { step: number }): number => (steps.push(step), 0.5);
  const out = await lastValueFrom(of(1, NaN, 1, 1).pipe(emaScan({ decay }), toArray()));
  expect(steps).toEqual([1, 2, 3]);
  expect(out).toEqual([0.5, NaN, 0.75, 0.875]);
});

it('equals the definition v_t = d·v + (1 − d)·x for any values and decay', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 50 });
  holds(
    fc.property(values, fc.double({ min: 0, max: 0.999, noNaN: true }), (xs, d) => {
      let v = 0;
      const want = xs.map((x) => (v = d * v + (1 - d) * x));
      const got: number[] = [];
      from(xs)
        .pipe(emaScan({ decay: d }))
        .subscribe((out) => got.push(out));
      const largest = Math.max(1, ...xs.map(Math.abs));
      expect(got).toHaveLength(xs.length);
      got.forEach((out, i) =>
        expect(Math.abs(out - want[i]!)).toBeLessThanOrEqual(8 * Number.EPSILON * largest * (i + 1)),
      );
    }),
  );
});

it('joins what rxjs makes of streams: records and vectors are the receiver’s to keep', async () => {
  const rows = from([1, 2, 3]).pipe(map((x) => Float32Array.of(x, -x)));
  const smooth = rows.pipe(emaScan({ decay: 0.5 }), biasCorrected());
  const late = await lastValueFrom(
    smooth.pipe(
      concatMap((v) => of(v).pipe(delay(1))),
      toArray(),
    ),
  );
  const now = await lastValueFrom(smooth.pipe(toArray()));
  expect(late).toEqual(now);
  const pairs = await lastValueFrom(zip(smooth.pipe(pairwise()), rows).pipe(toArray()));
  expect(pairs[0]![0]).toEqual([now[0], now[1]]);
});

it('raw and corrected side by side of one shared source are one source subscription', () => {
  new TestScheduler(closeTo({ rtol: 1e-15 })).run(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-|', { a: 4, b: 4 });
    const shared = source.pipe(share());
    expectObservable(shared.pipe(emaScan({ decay: 0.5 }))).toBe('-x-y-|', { x: 2, y: 3 });
    expectObservable(shared.pipe(emaScan({ decay: 0.5 }), biasCorrected())).toBe('-x-x-|', { x: 4 });
    expectSubscriptions(source.subscriptions).toBe('^----!');
  });
});

it.each<[string, () => Observable<unknown>, string, RegExp]>([
  [
    'a schedule out of range',
    () => of(1).pipe(emaScan({ decay: () => 1.2 })),
    'SCHEDULE_RANGE',
    /must return a number in \[0, 1\], got 1.2/,
  ],
  ['a missing value', () => of(1, NaN).pipe(emaScan({ decay: 0.9, missing: 'throw' })), 'MISSING_VALUE', /NaN/],
  ['null', () => of(1, null).pipe(emaScan<number | null>({ decay: 0.9, missing: 'throw' })), 'MISSING_VALUE', /null/],
  [
    'a start of another kind',
    () => of<unknown>(1).pipe(emaScan<unknown>({ decay: 0.9, start: { value: Float32Array.of(1) } })),
    'OPTION_VALUE',
    /start.value/,
  ],
  [
    'a start that lacks a field',
    () =>
      of({ a: 1, b: 2 }).pipe(emaScan<{ a: number; b: number }>({ decay: 0.9, start: { value: { a: 1 } as never } })),
    'OPTION_VALUE',
    /start\.value\.b must/,
  ],
  [
    'a start of another length',
    () => of(new Float32Array(2)).pipe(emaScan({ decay: 0.9, start: { value: new Float32Array(3) } })),
    'SHAPE_MISMATCH',
    /3/,
  ],
  [
    'an appended name that is taken',
    () => of({ a: 1, b: 2 }).pipe(emaScan<{ a: number; b: number }>({ decay: 0.9, columns: ['a'], as: () => 'b' })),
    'COLUMN_COLLISION',
    /'b'/,
  ],
  ['a disposed Ema', () => of(1).pipe(emaScan(disposed())), 'DISPOSED', /disposed/],
])('ends with an error notification for %s', async (_, stream, code, message) => {
  const refused = await refusalOf(stream());
  expect(refused.code).toBe(code);
  expect(refused.message).toMatch(message);
});

function disposed(): Ema {
  const ema = new Ema({ decay: 0.9 });
  ema.dispose();
  return ema;
}

it('appends with `as` and leaves the field itself alone', async () => {
  const out = await lastValueFrom(
    of({ loss: 4, at: 'x' }).pipe(emaScan<{ loss: number; at: string }>({ decay: 0.5, as: (name) => `${name}Ema` })),
  );
  expect(out).toEqual({ loss: 4, at: 'x', lossEma: 2 });
});

it('retry over its own state begins again, over a given Ema goes on', async () => {
  const own = await lastValueFrom(failing().pipe(emaScan({ decay: 0.5 }), retry(1), toArray()));
  expect(own).toEqual([2, 2, 3]);
  const given = await lastValueFrom(failing().pipe(emaScan(new Ema({ decay: 0.5 })), retry(1), toArray()));
  expect(given).toEqual([2, 3, 3.5]);
});

/** Fails once, at its second value. */
function failing(): Observable<number> {
  let tries = 0;
  return from([4, 4]).pipe(
    map((x, i) => {
      if (i === 1 && tries++ === 0) throw new Error('once');
      return x;
    }),
  );
}
