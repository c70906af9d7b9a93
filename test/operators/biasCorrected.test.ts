import * as first from 'rx-ema';
import { biasCorrected, emaScan, modelEma } from 'rx-ema';
import {
  defer,
  EMPTY,
  from,
  identity,
  lastValueFrom,
  map,
  merge,
  observeOn,
  of,
  pipe,
  queueScheduler,
  retry,
  scan,
  share,
  startWith,
  tap,
  toArray,
  type Observable,
} from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { refusal } from '../refusal.js';

const all = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));
const fours = of(4, 4, 4);
const raw = [2, 3, 3.5];

describe('directly behind its operator', () => {
  it.each<[string, () => Observable<number>]>([
    ['in one pipe', () => fours.pipe(emaScan({ decay: 0.5 }), biasCorrected())],
    [
      'in two pipes, over a stored observable',
      () => {
        const stored = fours.pipe(emaScan({ decay: 0.5 }));
        return stored.pipe(biasCorrected());
      },
    ],
    ['through pipe(a, b)', () => fours.pipe(pipe(emaScan({ decay: 0.5 }), biasCorrected()))],
    [
      'through a pipe of pipes',
      () => fours.pipe(pipe(identity, pipe(emaScan({ decay: 0.5 }))), pipe(biasCorrected(), identity)),
    ],
    ['called as the function it is', () => biasCorrected()(emaScan({ decay: 0.5 })(fours))],
    ['behind an operator that is the identity', () => fours.pipe(emaScan({ decay: 0.5 }), identity, biasCorrected())],
  ])('corrects %s', async (_, build) => {
    expect(await all(build())).toEqual([4, 4, 4]);
  });

  it('leaves the raw stream as it was: both can be subscribed to', async () => {
    const stored = fours.pipe(emaScan({ decay: 0.5 }));
    const corrected = stored.pipe(biasCorrected());
    expect(await all(stored)).toEqual(raw);
    expect(await all(corrected)).toEqual([4, 4, 4]);
    expect(await all(stored)).toEqual(raw);
  });

  it('changes nothing where the average starts at a value', async () => {
    for (const start of ['first', { sma: 1 }, { value: 4 }] as const) {
      expect(await all(from([4, 8]).pipe(emaScan<number>({ decay: 0.5, start })))).toEqual([4, 6]);
      expect(await all(from([4, 8]).pipe(emaScan<number>({ decay: 0.5, start }), biasCorrected()))).toEqual([4, 6]);
    }
  });

  it('makes a shadow start empty: the first weights are step 1', async () => {
    const weights = from([4, 8]).pipe(map((x) => ({ w: Float64Array.of(x) })));
    const options = { decay: 0.5, emit: 'copy' } as const;
    const copied = await all(weights.pipe(modelEma(options)));
    const empty = await all(weights.pipe(modelEma(options), biasCorrected()));
    expect(copied.map(({ w }) => w![0])).toEqual([4, 6]);
    expect(empty.map(({ w }) => w![0])).toEqual([4, 4 + (0.5 / 0.75) * 4]);
  });

  it('works across two copies of the package, either way round', async () => {
    vi.resetModules();
    const second = await import('rx-ema');
    expect(second.biasCorrected).not.toBe(first.biasCorrected);
    expect(await all(fours.pipe(first.emaScan({ decay: 0.5 }), second.biasCorrected()))).toEqual([4, 4, 4]);
    expect(await all(fours.pipe(second.emaScan({ decay: 0.5 }), first.biasCorrected()))).toEqual([4, 4, 4]);
    const error = (() => {
      try {
        return fours.pipe(second.biasCorrected());
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ name: 'SmoothingError', code: 'MISPLACED' });
  });
});

describe('anywhere else', () => {
  const smooth = emaScan({ decay: 0.5 });
  it.each<[string, () => unknown]>([
    ['on a source', () => fours.pipe(biasCorrected())],
    ['on an empty source', () => EMPTY.pipe(biasCorrected())],
    ['before its operator', () => fours.pipe(biasCorrected(), smooth)],
    ['twice', () => fours.pipe(smooth, biasCorrected(), biasCorrected())],
    [
      'behind tap',
      () =>
        fours.pipe(
          smooth,
          tap(() => {}),
          biasCorrected(),
        ),
    ],
    [
      'behind map',
      () =>
        fours.pipe(
          smooth,
          map((x) => x),
          biasCorrected(),
        ),
    ],
    ['behind share', () => fours.pipe(smooth, share(), biasCorrected())],
    ['behind retry', () => fours.pipe(smooth, retry(), biasCorrected())],
    ['behind startWith', () => fours.pipe(smooth, startWith(0), biasCorrected())],
    ['behind observeOn', () => fours.pipe(smooth, observeOn(queueScheduler), biasCorrected())],
    [
      'behind merge',
      () =>
        merge(fours.pipe(smooth)).pipe(
          map((x) => x),
          biasCorrected(),
        ),
    ],
    ['behind defer', () => defer(() => fours.pipe(smooth)).pipe(biasCorrected())],
    [
      'behind rxjs scan',
      () =>
        fours.pipe(
          scan((v, x) => v + x),
          biasCorrected(),
        ),
    ],
    [
      'behind modelEma and tap',
      () =>
        of({ w: Float32Array.of(1) }).pipe(
          modelEma({ decay: 0.5 }),
          tap(() => {}),
          biasCorrected(),
        ),
    ],
  ])('%s, it is refused when the pipe is built', (_, build) => {
    expect(refusal(build).code).toBe('MISPLACED');
  });
});
