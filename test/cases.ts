import {
  map,
  NEVER,
  noop,
  Observable,
  of,
  repeat,
  retry,
  scan,
  share,
  Subject,
  take,
  throwError,
  type OperatorFunction,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { closeTo } from './operators/marbles.js';
import { held } from './refusal.js';

/** An operator as the cases see it: numbers go in and come out, whatever it is that they stand for. */
export interface Operator {
  readonly name: string;
  readonly operator: () => OperatorFunction<unknown, unknown>;
  readonly value: (x: number) => unknown;
  readonly read: (out: unknown) => number;
  /** What comes out for these numbers at decay 0.5. */
  readonly smoothed: (xs: readonly number[]) => number[];
  /** What is emitted is lent: a nested value waits for the end of the delivery. */
  readonly lends: boolean;
  /** A value it refuses. */
  readonly bad: unknown;
}

/** v_t = v_{t−1}/2 + x_t/2 from 0. */
export const rawHalf = (xs: readonly number[]): number[] => fold(xs, 0, (v, x) => (v + x) / 2);
/** v_t / (1 − 2^−t). */
export const correctedHalf = (xs: readonly number[]): number[] => rawHalf(xs).map((v, i) => v / (1 - 2 ** -(i + 1)));
/** The first is copied. */
export const copiedHalf = (xs: readonly number[]): number[] => fold(xs, xs[0] ?? 0, (v, x) => (v + x) / 2);

function fold(xs: readonly number[], start: number, step: (v: number, x: number) => number): number[] {
  let v = start;
  return xs.map((x) => (v = step(v, x)));
}

type Event = number | 'complete' | { error: unknown };

/** What a subscriber saw, kept outside of it. */
function record(source: Observable<number>, onFirst: () => void = noop): Event[] {
  const events: Event[] = [];
  let first = true;
  source.subscribe({
    next: (value) => {
      events.push(value);
      if (first) {
        first = false;
        onFirst();
      }
    },
    complete: () => events.push('complete'),
    error: (error) => events.push({ error }),
  });
  return events;
}

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler(closeTo({ rtol: 1e-15 })).run(run);
}

/** What two subscribers behind share() saw of `value`; `again` is called in the first one's first delivery. */
function both(
  value: number,
  operator: OperatorFunction<number, number>,
  again: (source: Subject<number>) => void,
): Event[][] {
  const source = new Subject<number>();
  const shared = source.pipe(operator, share());
  const first = record(shared, () => again(source));
  const second = record(shared);
  source.next(value);
  return [first, second];
}

/** What every operator owes, whatever it smooths. */
export function cases(one: Operator): void {
  const { name, value, read, smoothed, lends, bad } = one;
  const through = (source: Observable<number>): Observable<number> =>
    source.pipe(map(value), one.operator(), map(read));
  const [a, b, c] = [4, 8, 1];
  const [x, y, z] = smoothed([a, b, c]) as [number, number, number];

  describe(`${name}, as any operator,`, () => {
    it.each([
      ['never', '  -------', '-------', '^------'],
      ['empty', '  ---|   ', '---|   ', '^--!   '],
      ['one', '    --a--| ', '--x--| ', '^----! '],
      ['many', '   -a-bc-|', '-x-yz-|', '^-----!'],
      ['an error', ' -a-b-# ', '-x-y-# ', '^----! '],
      ['a lone #', ' --#    ', '--#    ', '^-!    '],
    ])('mirrors %s', (_, source, expected, subs) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const values = cold(source.trim(), { a, b, c });
        expectObservable(through(values)).toBe(expected.trim(), { x, y, z });
        expectSubscriptions(values.subscriptions).toBe(subs.trim());
      });
    });

    it('stops with an early unsubscription', () => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot(' -a--b--c-|', { a, b, c });
        const unsub = '     -----!    ';
        const expected = '  -x--y-    ';
        const subs = '      ^----!    ';
        expectObservable(through(source), unsub).toBe(expected, { x, y, z });
        expectSubscriptions(source.subscriptions).toBe(subs);
      });
    });

    it('gives each subscription a state of its own', () => {
      marbles(({ cold, hot, expectObservable }) => {
        const source = hot('a-b-c-|', { a, b, c });
        const late = '      ---^---';
        const smooth = through(source);
        expectObservable(smooth).toBe('x-y-z-|', { x, y, z });
        expectObservable(smooth, late).toBe('----f-|', { f: smoothed([c])[0] });
        const again = through(cold('ab|', { a, b })).pipe(repeat(2));
        expectObservable(again).toBe('xyxy|', { x, y });
      });
    });

    it('starts anew with retry', () => {
      marbles(({ cold, expectObservable }) => {
        expectObservable(through(cold('ab#', { a, b })).pipe(retry(1))).toBe('xyxy#', { x, y });
      });
    });

    it.each([1, 2, 3])('with take(%d) reads just as many of a synchronous source', (n) => {
      let reads = 0;
      const source = new Observable<number>((subscriber) => {
        for (const v of [a, b, c, a, b, c]) {
          if (subscriber.closed) return;
          reads++;
          subscriber.next(v);
        }
        subscriber.complete();
      });
      const events = record(through(source).pipe(take(n)));
      expect(events).toHaveLength(n + 1);
      expect(events.at(-1)).toBe('complete');
      expect(reads).toBe(n);
    });

    it('unsubscribed from inside a delivery gets no more and lets the source go', () => {
      const source = new Subject<number>();
      const seen: number[] = [];
      const subscription = through(source).subscribe((v) => {
        seen.push(v);
        if (seen.length === 2) subscription.unsubscribe();
      });
      for (const v of [a, b, c]) source.next(v);
      expect(seen).toHaveLength(2);
      expect(source.observed).toBe(false);
    });

    it('lets the source go when a later operator throws', () => {
      const source = new Subject<number>();
      const events = record(
        through(source).pipe(
          map(() => {
            throw new Error('later');
          }),
        ),
      );
      source.next(a);
      expect(events).toEqual([{ error: new Error('later') }]);
      expect(source.observed).toBe(false);
    });

    it('refuses a value with an error notification and lets the source go', () => {
      const source = new Subject<unknown>();
      const events = record(source.pipe(one.operator(), map(read)));
      source.next(value(a));
      source.next(bad);
      source.next(value(b));
      expect(events).toHaveLength(2);
      expect(held((events[1] as { error: unknown }).error).code).toBe('VALUE_KIND');
      expect(source.observed).toBe(false);
    });

    it('refuses a first value in the same way, synchronously too', () => {
      const events = record(of(bad).pipe(one.operator(), map(read)));
      expect(events).toHaveLength(1);
      expect(held((events[0] as { error: unknown }).error).code).toBe('VALUE_KIND');
    });

    it('hands on errors of the source as they are', () => {
      const error = new Error('of the source');
      expect(record(through(throwError(() => error)))).toEqual([{ error }]);
      expect(record(through(NEVER))).toEqual([]);
    });

    describe('with two subscribers behind share() and a source that is called again from inside the first', () => {
      const error = new Error('nested');
      const nested: [string, (source: Subject<number>) => void, Event[]][] = [
        ['next', (source) => source.next(b), [x, y]],
        ['complete', (source) => source.complete(), [x, 'complete']],
        ['error', (source) => source.error(error), [x, { error }]],
        ['next and complete', (source) => (source.next(b), source.complete()), [x, y, 'complete']],
        [
          'next, next and error',
          (source) => (source.next(b), source.next(c), source.error(error)),
          [x, y, z, { error }],
        ],
        ['complete and next', (source) => (source.complete(), source.next(b)), [x, 'complete']],
      ];
      const close = (events: readonly Event[]): unknown[] =>
        events.map((event) => (typeof event === 'number' ? expect.closeTo(event, 12) : event));

      if (lends) {
        it.each(nested)('%s waits until the delivery has ended: both see all, in order', (_, again, events) => {
          const [first, second] = both(a, through, again);
          expect(first).toEqual(close(events));
          expect(second).toEqual(close(events));
        });
      } else {
        // the same numbers through rxjs's own scan
        const reference = scan<number, number[]>((xs, v) => [...xs, v], []);
        it.each(nested)('%s: both see what they would behind scan', (_, again) => {
          const [first, second] = both(a, through, again);
          const want = both(
            a,
            (source) =>
              source.pipe(
                reference,
                map((xs) => smoothed(xs).at(-1)!),
              ),
            again,
          );
          expect(first).toEqual(close(want[0]!));
          expect(second).toEqual(close(want[1]!));
        });
      }
    });
  });
}
