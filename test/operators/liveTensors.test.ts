import { biasCorrected, Ema, emaScan } from 'rx-ema';
import {
  bufferCount,
  delay,
  distinctUntilChanged,
  EMPTY,
  from,
  lastValueFrom,
  map,
  NEVER,
  of,
  pairwise,
  repeat,
  scan,
  share,
  shareReplay,
  Subject,
  switchMap,
  take,
  takeUntil,
  toArray,
  withLatestFrom,
  type Observable,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

const read = (tensor: tf.Tensor): number => tensor.dataSync()[0]!;
const alive = (tensor: tf.Tensor): boolean => !tensor.isDisposed;
const VALUES = [4, 4, 4, 4, 4];
const RAW = [2, 3, 3.5, 3.75, 3.875];

withBackends(BACKENDS, 'live tensors', () => {
  let inputs: tf.Tensor[];
  let before: number;
  beforeEach(() => {
    before = tf.memory().numTensors;
    inputs = VALUES.map((x) => tf.tensor1d([x]));
  });
  afterEach(() => tf.dispose(inputs));
  const source = (): Observable<tf.Tensor> => from(inputs);
  const smooth = (): Observable<tf.Tensor> => source().pipe(emaScan({ decay: 0.5 }));
  /** Tensors made since the inputs. */
  const made = (): number => tf.memory().numTensors - before - inputs.length;

  describe('until the next delivery has returned, the last one is there', () => {
    it('for pairwise', async () => {
      const pairs = await lastValueFrom(
        smooth().pipe(
          pairwise(),
          map((pair) => pair.map(read)),
          toArray(),
        ),
      );
      expect(pairs).toEqual([0, 1, 2, 3].map((i) => [RAW[i], RAW[i + 1]]));
    });

    it('for bufferCount(2)', async () => {
      const pairs = await lastValueFrom(
        smooth().pipe(
          bufferCount(2),
          map((pair) => pair.map(read)),
          toArray(),
        ),
      );
      expect(pairs).toEqual([RAW.slice(0, 2), RAW.slice(2, 4), RAW.slice(4)]);
    });

    it('for scan', async () => {
      const gaps = await lastValueFrom(
        smooth().pipe(
          scan((pair: tf.Tensor[], now) => [...pair.slice(-1), now], []),
          map((pair) => read(pair.at(-1)!) - read(pair[0]!)),
          toArray(),
        ),
      );
      expect(gaps).toEqual([0, 1, 0.5, 0.25, 0.125]);
    });

    it('for the comparator of distinctUntilChanged', async () => {
      const changed = await lastValueFrom(
        smooth().pipe(
          distinctUntilChanged((a, b) => read(a) === read(b)),
          map(read),
          toArray(),
        ),
      );
      expect(changed).toEqual(RAW);
    });

    it('for shareReplay(1) and withLatestFrom', () => {
      const values = new Subject<tf.Tensor>();
      const tick = new Subject<void>();
      const shared = values.pipe(emaScan({ decay: 0.5 }), shareReplay(1));
      const seen: number[] = [];
      tick.pipe(withLatestFrom(shared)).subscribe(([, tensor]) => seen.push(read(tensor)));
      for (const value of inputs) {
        values.next(value);
        tick.next();
      }
      expect(seen).toEqual(RAW);
    });
  });

  it('and not longer: there are never more than the last one, and the shadow where that is another', () => {
    for (const corrected of [false, true]) {
      const values = new Subject<tf.Tensor>();
      const raw = values.pipe(emaScan({ decay: 0.5 }));
      const seen: tf.Tensor[] = [];
      const subscription = (corrected ? raw.pipe(biasCorrected()) : raw).subscribe((tensor) => seen.push(tensor));
      for (const value of inputs) {
        values.next(value);
        expect(seen.map(alive)).toEqual(seen.map((tensor) => tensor === seen.at(-1)));
        expect(made()).toBeLessThanOrEqual(2);
      }
      subscription.unsubscribe();
      seen.at(-1)!.dispose();
    }
  });

  it('two subscribers behind share() both see every one alive, also when the first calls the source again', () => {
    const values = new Subject<tf.Tensor>();
    const shared = values.pipe(emaScan({ decay: 0.5 }), share());
    const [first, second]: [number[], number[]] = [[], []];
    shared.subscribe((tensor) => {
      if (first.length < 3) values.next(inputs[first.push(read(tensor))]!);
      else first.push(read(tensor));
    });
    shared.subscribe((tensor) => second.push(read(tensor)));
    values.next(inputs[0]!);
    expect(first).toEqual(RAW.slice(0, 4));
    expect(second).toEqual(first);
  });

  describe('what is kept longer needs copies', () => {
    const keepers: [string, (tensors: Observable<tf.Tensor>) => Observable<tf.Tensor[]>][] = [
      ['toArray', (tensors) => tensors.pipe(toArray())],
      ['bufferCount(3)', (tensors) => tensors.pipe(bufferCount(3), take(1))],
      ['delay', (tensors) => tensors.pipe(delay(1), toArray())],
    ];
    it.each(keepers)('%s: live ones are gone, copies are there', async (_, keep) => {
      const live = await lastValueFrom(keep(smooth()));
      expect(live.map(alive)).toContain(false);
      expect(live.map(alive).at(-1)).toBe(true);
      const copies = await lastValueFrom(keep(source().pipe(emaScan({ decay: 0.5, emit: 'copy' }))));
      expect(copies.map(read)).toEqual(RAW.slice(0, copies.length));
      tf.dispose([live, copies]);
      expect(made()).toBe(0);
    });
  });

  describe('the last one is the receiver’s', () => {
    const stop = new Subject<void>();
    it.each<[string, () => Observable<tf.Tensor>, number]>([
      ['lastValueFrom', () => smooth(), 4],
      ['take(1)', () => smooth().pipe(take(1)), 0],
      ['take(3)', () => smooth().pipe(take(3)), 2],
      ['takeUntil', () => takenUntil(source(), stop), 4],
      [
        'biasCorrected',
        () =>
          source().pipe(
            emaScan({ decay: 0.5 }),
            biasCorrected(),
            map((tensor) => tensor),
          ),
        -1,
      ],
      ['a seeded start', () => source().pipe(emaScan({ decay: 0.5, start: 'first' })), -1],
    ])('with %s', async (_, stream, at) => {
      const last = await lastValueFrom(stream());
      expect(read(last)).toBe(at < 0 ? 4 : RAW[at]);
      last.dispose();
      expect(made()).toBe(0);
    });

    it('after unsubscribe', () => {
      let last: tf.Tensor | undefined;
      const values = new Subject<tf.Tensor>();
      const subscription = values.pipe(emaScan({ decay: 0.5 })).subscribe((tensor) => (last = tensor));
      values.next(inputs[0]!);
      values.next(inputs[1]!);
      subscription.unsubscribe();
      expect(read(last!)).toBe(3);
      last!.dispose();
      expect(made()).toBe(0);
    });

    it('and unsubscribed from inside a delivery, the one before is there until that returns', () => {
      const values = new Subject<tf.Tensor>();
      let pair: number[] = [];
      const subscription = values.pipe(emaScan({ decay: 0.5 }), pairwise()).subscribe((both) => {
        subscription.unsubscribe();
        pair = both.map(read);
        both[1].dispose();
      });
      for (const value of inputs) values.next(value);
      expect(pair).toEqual(RAW.slice(0, 2));
      expect(made()).toBe(0);
    });

    it('of each inner stream of switchMap', async () => {
      const seen = new Set<tf.Tensor>();
      await lastValueFrom(
        of(1, 2, 3).pipe(
          switchMap(() => smooth().pipe(take(2))),
          map((tensor) => seen.add(tensor)),
        ),
      );
      expect([...seen].filter(alive)).toHaveLength(3);
      tf.dispose([...seen]);
      expect(made()).toBe(0);
    });
  });

  it('after an error the last one is disposed', () => {
    let [last, failed]: [tf.Tensor?, boolean?] = [];
    const values = new Subject<tf.Tensor>();
    values.pipe(emaScan({ decay: 0.5 })).subscribe({ next: (tensor) => (last = tensor), error: () => (failed = true) });
    values.next(inputs[0]!);
    expect(alive(last!)).toBe(true);
    values.error(new Error('no more'));
    expect(failed).toBe(true);
    expect(alive(last!)).toBe(false);
    expect(made()).toBe(0);
  });

  it('an Ema that was handed in keeps its tensors: the last one lives until its dispose()', async () => {
    const ema = new Ema<tf.Tensor>({ decay: 0.5 });
    const last = await lastValueFrom(source().pipe(emaScan(ema)));
    expect(alive(last)).toBe(true);
    expect(ema.get()).toBe(last);
    ema.dispose();
    expect(alive(last)).toBe(false);
    expect(made()).toBe(0);
  });

  it('an Ema that was handed in goes on turn by turn with take(1) and repeat', () => {
    const ema = new Ema<tf.Tensor>({ decay: 0.5 });
    const values = new Subject<tf.Tensor>();
    const seen: unknown[] = [];
    values
      .pipe(emaScan(ema), take(1), repeat(5))
      .subscribe({ next: (tensor) => seen.push(read(tensor)), error: (error) => seen.push(error) });
    for (const value of inputs) values.next(value);
    expect(seen).toEqual(RAW);
    ema.dispose();
    expect(made()).toBe(0);
  });

  it('inputs are never disposed and never changed', async () => {
    for (const emit of ['live', 'copy'] as const) {
      for (const start of ['zero', 'first'] as const) {
        const out = await lastValueFrom(source().pipe(emaScan({ decay: 0.5, emit, start }), take(3), toArray()));
        tf.dispose(out);
        expect(inputs.map(read)).toEqual(VALUES);
      }
    }
  });

  it('nothing comes of streams without values', () => {
    EMPTY.pipe(emaScan<tf.Tensor>({ decay: 0.5 })).subscribe();
    NEVER.pipe(emaScan<tf.Tensor>({ decay: 0.5 }))
      .subscribe()
      .unsubscribe();
    expect(made()).toBe(0);
  });
});

function takenUntil(source: Observable<tf.Tensor>, stop: Subject<void>): Observable<tf.Tensor> {
  const values = new Subject<tf.Tensor>();
  queueMicrotask(() => {
    source.subscribe((value) => values.next(value));
    stop.next();
  });
  return values.pipe(emaScan({ decay: 0.5 }), takeUntil(stop));
}
