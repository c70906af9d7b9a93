// A program of someone who has rxjs and rx-ema, nothing else. `package.test.ts` compiles, bundles and runs it.
import { from, lastValueFrom, map, toArray, type Observable } from 'rxjs';
import { biasCorrected, Ema, emaScan, ModelEma, modelEma, rampDecay, SmoothingError } from 'rx-ema';

const collected = <T>(values$: Observable<T>): Promise<T[]> => lastValueFrom(values$.pipe(toArray()));

const raw: number[] = await collected(from([4, 4, 4]).pipe(emaScan({ decay: 0.5 })));
const corrected: number[] = await collected(from([4, 4, 4]).pipe(emaScan({ decay: 0.5 }), biasCorrected()));
console.log('numbers', ...raw, '·', ...corrected);

const logs$ = from([
  { loss: 2, phase: 'warm' },
  { loss: 4, phase: 'main' },
]);
const logs = await collected(logs$.pipe(emaScan({ alpha: 0.5 }), biasCorrected()));
console.log('records', JSON.stringify(logs));

const vectors: Float64Array[] = await collected(from([Uint8Array.of(1, 2)]).pipe(emaScan({ span: 3 })));
console.log('vectors', ...vectors.map((vector) => vector.join()));

const weights$ = from([1, 2, 3]).pipe(map((x) => ({ kernel: Float32Array.of(x) })));
const decay = rampDecay({ decay: 0.5, tau: 1e-9 });
const shadows = await collected(weights$.pipe(modelEma({ decay, emit: 'copy' })));
console.log('weights', ...shadows.map((shadow) => shadow['kernel']?.[0]));

const ema = new Ema({ halfLife: 1 });
ema.update(1);
ema.update(3);
console.log('engine', ema.get()?.toFixed(4), new ModelEma({ decay: 1 }).updates);

try {
  emaScan({ decay: 2 });
} catch (error) {
  console.log('error', error instanceof SmoothingError && error.code);
}
