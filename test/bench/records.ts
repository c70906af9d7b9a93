import { scan, Subject, type OperatorFunction } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { curve, type Contest, type Size } from './harness.js';

const DECAY = 0.999;
const ALPHA = 1 - DECAY;

interface One {
  loss: number;
}
interface Two extends One {
  acc: number;
}
interface Four extends Two {
  rate: number;
  norm: number;
}

/** What somebody writes by hand for one kind of record. */
const scanOne = scan((v: One, x: One) => ({ loss: v.loss + ALPHA * (x.loss - v.loss) }), { loss: 0 });
const scanTwo = scan(
  (v: Two, x: Two) => ({ loss: v.loss + ALPHA * (x.loss - v.loss), acc: v.acc + ALPHA * (x.acc - v.acc) }),
  { loss: 0, acc: 0 },
);
const scanFour = scan(
  (v: Four, x: Four) => ({
    loss: v.loss + ALPHA * (x.loss - v.loss),
    acc: v.acc + ALPHA * (x.acc - v.acc),
    rate: v.rate + ALPHA * (x.rate - v.rate),
    norm: v.norm + ALPHA * (x.norm - v.norm),
  }),
  { loss: 0, acc: 0, rate: 0, norm: 0 },
);

/** Records through a pipe, against rxjs's `scan` with the object literal written by hand. */
export function records({ smoke }: Size): Contest[] {
  const n = smoke ? 1_000 : 50_000;
  const values = Array.from(curve(n, 2));
  return [
    contest(
      '1 field',
      values.map((x): One => ({ loss: x })),
      1,
      scanOne,
    ),
    contest(
      '2 fields',
      values.map((x): Two => ({ loss: x, acc: x / 2 })),
      2,
      scanTwo,
    ),
    contest(
      '4 fields',
      values.map((x): Four => ({ loss: x, acc: x / 2, rate: x + 1, norm: 3 - x })),
      4,
      scanFour,
    ),
    {
      ...contest(
        '2 fields',
        values.map((x): Two => ({ loss: x, acc: x / 2 })),
        2,
        scanTwo,
      ),
      name: 'records: emaScan, biasCorrected, 2 fields',
      peerName: 'scan with W',
      ours: () =>
        fed(
          values.map((x): Two => ({ loss: x, acc: x / 2 })),
          corrected,
        ),
      peer: () =>
        fed(
          values.map((x): Two => ({ loss: x, acc: x / 2 })),
          scanTwoCorrected(),
        ),
    },
  ];
}

const corrected: OperatorFunction<Two, Two> = (source) => source.pipe(emaScan({ decay: DECAY }), biasCorrected());

function scanTwoCorrected(): OperatorFunction<Two, Two> {
  let weight = 0;
  return scan(
    (v, x) => {
      if (weight !== 1) weight = DECAY * weight + ALPHA;
      const gain = ALPHA / weight;
      return { loss: v.loss + gain * (x.loss - v.loss), acc: v.acc + gain * (x.acc - v.acc) };
    },
    { loss: 0, acc: 0 },
  );
}

function contest<R extends One>(
  name: string,
  values: readonly R[],
  fields: number,
  peer: OperatorFunction<R, R>,
): Contest {
  const ours = emaScan({ decay: DECAY }) as OperatorFunction<R, R>;
  return {
    name: `records: emaScan, ${name}`,
    unit: 'field',
    count: values.length * fields,
    peerName: 'scan by hand',
    ours: () => fed(values, ours),
    peer: () => fed(values, peer),
    tolerance: 1e-9,
    aim: 2,
  };
}

function fed<R extends One>(values: readonly R[], smoothing: OperatorFunction<R, R>): number {
  const subject = new Subject<R>();
  let total = 0;
  subject.pipe(smoothing).subscribe((row) => {
    total += row.loss;
  });
  for (const value of values) subject.next(value);
  return total;
}
