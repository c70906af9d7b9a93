import { biasCorrected, Ema, emaScan, ewm, EwmState, ModelEma, modelEma, type WeightMap } from 'rx-ema';
import {
  concat,
  defer,
  from,
  last,
  lastValueFrom,
  map,
  of,
  range,
  repeat,
  retry,
  skip,
  Subject,
  switchMap,
  take,
  throwError,
  toArray,
  type Observable,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { held, refusalOf } from '../refusal.js';

type Weights = WeightMap<Float64Array>;

/** Numbers through one engine, whatever it is. */
interface Given {
  readonly engine: { reset(): void };
  readonly through: (source: Observable<number>) => Observable<number>;
}

const KINDS: readonly [string, () => Given][] = [
  [
    'an Ema',
    () => {
      const engine = new Ema({ decay: 0.5 });
      return { engine, through: (source) => source.pipe(emaScan(engine)) };
    },
  ],
  [
    'an Ema, corrected',
    () => {
      const engine = new Ema({ decay: 0.5 });
      return { engine, through: (source) => source.pipe(emaScan(engine), biasCorrected()) };
    },
  ],
  [
    'an Ema of live vectors',
    () => {
      const engine = new Ema<Float64Array>({ decay: 0.5, emit: 'live' });
      return {
        engine,
        through: (source) =>
          source.pipe(
            map((x) => Float64Array.of(x)),
            emaScan(engine),
            map((v) => v[0]!),
          ),
      };
    },
  ],
  [
    'an EwmState',
    () => {
      const engine = new EwmState({ alpha: 0.5 }, { stat: 'var', bias: true });
      return { engine, through: (source) => source.pipe(ewm(engine)) };
    },
  ],
  [
    'a ModelEma',
    () => {
      const engine = new ModelEma<Float64Array>({ decay: 0.5 });
      return {
        engine,
        through: (source) =>
          source.pipe(
            map((x): Weights => ({ w: Float64Array.of(x) })),
            modelEma(engine),
            map(({ w }) => w![0]!),
          ),
      };
    },
  ],
];

const all = (source: Observable<number>): Promise<number[]> => lastValueFrom(source.pipe(toArray()));

describe.each(KINDS)('%s given to an operator', (_, make) => {
  const values = [4, 8, 2, 6, 1, 9];
  const uninterrupted = (): Promise<number[]> => all(make().through(from(values)));

  it('goes on in the next subscription, after complete', async () => {
    const { through } = make();
    const parts = [await all(through(from(values.slice(0, 2)))), await all(through(from(values.slice(2))))];
    expect(parts.flat()).toEqual(await uninterrupted());
  });

  it('goes on after unsubscribe', async () => {
    const { through } = make();
    const source = new Subject<number>();
    const out: number[] = [];
    for (const part of [values.slice(0, 3), values.slice(3)]) {
      const subscription = through(source).subscribe((v) => out.push(v));
      for (const v of part) source.next(v);
      subscription.unsubscribe();
    }
    expect(out).toEqual(await uninterrupted());
  });

  it('goes on after take(n), also of a synchronous source', async () => {
    const { through } = make();
    const first = await all(through(from(values)).pipe(take(2)));
    expect([...first, ...(await all(through(from(values.slice(2)))))]).toEqual(await uninterrupted());
  });

  it('goes on after an error of the source, which retry repeats', async () => {
    const { through } = make();
    let at = 0;
    const failing = defer(() => {
      const part = from(values.slice(at, at + 2));
      at += 2;
      return at < values.length
        ? concat(
            part,
            throwError(() => new Error('again')),
          )
        : part;
    });
    expect(await all(through(failing).pipe(retry(5)))).toEqual(await uninterrupted());
  });

  it('goes on with repeat, also when take(1) ends each turn from inside a delivery', async () => {
    const { through } = make();
    let at = 0;
    const source = defer(() => of(values[at++]!));
    expect(await all(through(source).pipe(repeat(values.length)))).toEqual(await uninterrupted());

    const again = make();
    const subject = new Subject<number>();
    const out: number[] = [];
    again
      .through(subject)
      .pipe(take(1), repeat(values.length))
      .subscribe((v) => out.push(v));
    for (const v of values) subject.next(v);
    expect(out).toEqual(await uninterrupted());
  });

  it('begins anew after reset()', async () => {
    const { engine, through } = make();
    const fresh = defer(() => {
      engine.reset();
      return from(values);
    });
    expect(await all(through(fresh).pipe(repeat(2)))).toEqual([...(await uninterrupted()), ...(await uninterrupted())]);
  });

  it('has one live subscription at a time: a second gets STATE_IN_USE and the first goes on', async () => {
    const { through } = make();
    const source = new Subject<number>();
    const out: number[] = [];
    through(source).subscribe((v) => out.push(v));
    source.next(values[0]!);
    expect((await refusalOf(through(source))).code).toBe('STATE_IN_USE');
    expect((await refusalOf(through(from(values)))).code).toBe('STATE_IN_USE');
    for (const v of values.slice(1)) source.next(v);
    expect(out).toEqual(await uninterrupted());
    source.complete();
    expect(await all(through(of(4)))).toHaveLength(1);
  });

  it('is free again after an error of its own', async () => {
    const { through } = make();
    let code = '';
    through(throwError(() => new Error('no source'))).subscribe({ error: () => (code = 'source') });
    expect(code).toBe('source');
    expect(await all(through(from(values)))).toEqual(await uninterrupted());
  });
});

it('a value that is refused ends the stream; the Ema goes on as if it had not come', () => {
  const ema = new Ema({ decay: 0.5 });
  const source = new Subject<number>();
  const out: unknown[] = [];
  const listen = () =>
    source.pipe(emaScan(ema)).subscribe({ next: (v) => out.push(v), error: (e) => out.push(held(e).code) });
  listen();
  source.next(4);
  source.next('4' as never);
  listen();
  source.next(4);
  expect(out).toEqual([2, 'VALUE_KIND', 3]);
});

it('a stream that has ended in an error takes no more, also from inside the error’s own delivery', () => {
  const ema = new Ema({ decay: 0.5 });
  const source = new Subject<number>();
  let errors = 0;
  source.pipe(emaScan(ema)).subscribe({
    error: () => {
      errors++;
      source.next(8);
    },
  });
  source.next(4);
  source.next('4' as never);
  expect([errors, ema.seen, ema.get()]).toEqual([1, 1, 2]);
});

it('skip(ema.seen) over a source that replays goes on where it stopped, missing values counted', async () => {
  const source = of(4, NaN, 8, 2, NaN, 6);
  const want = await all(source.pipe(emaScan({ decay: 0.5 })));
  const ema = new Ema({ decay: 0.5 });
  const first = await all(source.pipe(emaScan(ema), take(3)));
  expect(ema.seen).toBe(3);
  const rest = await all(source.pipe(skip(ema.seen), emaScan(ema)));
  expect([...first, ...rest]).toEqual(want);
});

it('raw and corrected may follow one another over one Ema: the state is the same', async () => {
  const ema = new Ema({ decay: 0.5 });
  expect(await all(of(4, 4).pipe(emaScan(ema)))).toEqual([2, 3]);
  expect(await all(of(4).pipe(emaScan(ema), biasCorrected()))).toEqual([4]);
  expect(await all(of(4).pipe(emaScan(ema)))).toEqual([3.75]);
});

it.each([
  [false, true],
  [true, false],
])('a ModelEma that started corrected %s refuses to go on corrected %s', async (started, on) => {
  const ema = new ModelEma<Float64Array>({ decay: 0.5 });
  const weights = range(1, 2).pipe(map((x): Weights => ({ w: Float64Array.of(x) })));
  const way = (corrected: boolean): Observable<Weights> =>
    corrected ? weights.pipe(modelEma(ema), biasCorrected()) : weights.pipe(modelEma(ema));
  await lastValueFrom(way(started));
  expect((await refusalOf(way(on))).code).toBe('STATE_STARTED');
  await lastValueFrom(way(started));
  expect(ema.updates).toBe(started ? 4 : 3);
});

it('is free again before its end is told, so that what hears of it may subscribe', () => {
  const ema = new Ema({ alpha: 0.5 });
  const source = of(8).pipe(emaScan(ema));
  const out: unknown[] = [];
  source
    .pipe(
      last(),
      switchMap(() => source),
    )
    .subscribe({ next: (v) => out.push(v), error: (e) => out.push(e) });
  throwError(() => 'broken')
    .pipe(emaScan(ema))
    .subscribe({ error: () => source.subscribe((v) => out.push(v)) });
  expect(out).toEqual([6, 7]);
});
