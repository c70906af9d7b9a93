import { from, map, range, scan, Subject, type Observable, type OperatorFunction } from 'rxjs';
import { biasCorrected, emaBank, emaScan } from 'rx-ema';
import { curve, type Contest, type Size } from './harness.js';

const DECAY = 0.999;
const ALPHA = 1 - DECAY;

type Smoothing = OperatorFunction<number, number>;

const raw: Smoothing = emaScan({ decay: DECAY });
const pair: Smoothing = (source) => source.pipe(emaScan({ decay: DECAY }), biasCorrected());

/** v + (1 − d)·(x − v). */
const scanRaw: Smoothing = scan((v: number, x: number) => v + ALPHA * (x - v), 0);

/** The same with W beside it, as long as W is not 1. */
const scanCorrected: Smoothing = (source) => {
  let weight = 0;
  return source.pipe(
    scan((y, x) => {
      if (weight !== 1) weight = DECAY * weight + ALPHA;
      return y + (ALPHA / weight) * (x - y);
    }, 0),
  );
};

/** Sends values through a pipe; the sum of what comes out. */
type Feed = (values: readonly number[], smoothing: Smoothing) => number;

const FEEDS: Readonly<Record<string, Feed>> = {
  Subject: (values, smoothing) => {
    const subject = new Subject<number>();
    const total = summed(subject.pipe(smoothing));
    for (const value of values) subject.next(value);
    subject.complete();
    return total();
  },
  from: (values, smoothing) => summed(from(values).pipe(smoothing))(),
  'range, map': (values, smoothing) =>
    summed(
      range(0, values.length).pipe(
        map((i) => values[i]!),
        smoothing,
      ),
    )(),
};

function summed(source: Observable<number>): () => number {
  let total = 0;
  source.subscribe((value) => {
    total += value;
  });
  return () => total;
}

/** Numbers through a pipe, against rxjs's own `scan` with the same arithmetic. */
export function numbers({ smoke }: Size): Contest[] {
  const values = Array.from(curve(smoke ? 1_000 : 100_000, 1));
  const rows = Object.entries(FEEDS).flatMap(([source, feed]) => {
    const contest = (name: string, peerName: string, ours: Smoothing, peer: Smoothing): Contest => ({
      name: `numbers: ${name} of ${source}`,
      unit: 'emission',
      count: values.length,
      peerName,
      ours: () => feed(values, ours),
      peer: () => feed(values, peer),
      tolerance: 1e-9,
      aim: 1.1,
    });
    return [
      contest('emaScan', 'scan', raw, scanRaw),
      contest('emaScan, biasCorrected', 'scan with W', pair, scanCorrected),
    ];
  });
  return [...rows, bankRow(values)];
}

/** Twelve horizons against one: what the others cost beside a delivery and a new array. */
function bankRow(values: readonly number[]): Contest {
  const fed = (horizons: number) => (): number => {
    const decays = Array.from({ length: horizons }, (_, i) => DECAY * 0.9 ** i);
    return FEEDS['Subject']!(values, (source) =>
      source.pipe(
        emaBank({ decays }),
        map((averages) => averages[0]!),
      ),
    );
  };
  return {
    name: 'numbers: emaBank of 12 horizons of Subject',
    unit: 'emission',
    count: values.length,
    peerName: 'emaBank of 1',
    ours: fed(12),
    peer: fed(1),
    tolerance: 0,
    aim: 5,
  };
}
