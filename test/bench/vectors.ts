import { Subject } from 'rxjs';
import { emaScan } from 'rx-ema';
import { curve, type Contest, type Size } from './harness.js';

const DECAY = 0.99;

type Vector = Float32Array | Float64Array;

/** Typed arrays through a pipe, against one memcpy of the same size. */
export function vectors({ smoke }: Size): Contest[] {
  const lengths = smoke ? [1_000] : [1_000, 1_000_000];
  return lengths.flatMap((length) => [
    contest(Float32Array.from(curve(length, 4)), 'live'),
    contest(Float64Array.from(curve(length, 4)), 'live'),
    contest(Float64Array.from(curve(length, 4)), 'copy'),
  ]);
}

function contest(x: Vector, emit: 'live' | 'copy'): Contest {
  const turns = Math.max(4, Math.floor(20_000 / x.length));
  const copy = x.slice();
  return {
    name: `vectors: emaScan of ${x.constructor.name}(${x.length}), ${emit}`,
    unit: 'element',
    count: turns * x.length,
    peerName: 'memcpy',
    ours: () => {
      const subject = new Subject<Vector>();
      let last = 0;
      subject.pipe(emaScan({ decay: DECAY, emit, start: 'first' })).subscribe((y) => {
        last = y[x.length - 1]!;
      });
      for (let i = 0; i < turns; i++) subject.next(x);
      return last;
    },
    peer: () => {
      for (let i = 0; i < turns; i++) copy.set(x);
      return copy[x.length - 1]!;
    },
    tolerance: 0, // a constant stays what it is
  };
}
