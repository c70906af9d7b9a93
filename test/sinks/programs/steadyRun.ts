import * as tf from '@tensorflow/tfjs';
import { ModelEma, rampDecay, toBytes, type Snapshot } from 'rx-ema';

tf.env().set('IS_TEST', true); // no greeting

/** What the weights of a run are made of. */
export type Kind = 'arrays' | 'tensors';

export const STEPS = 300;

/** Numbers that look like none other and are the same in every run: in (−1, 1). */
const noise = (seed: number): number => {
  const x = Math.sin(seed) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
};
const filled = <A extends Float32Array | Float64Array | Int32Array>(array: A, step: number, scale = 1): A => {
  for (let i = 0; i < array.length; i++) array[i] = scale * noise(step * 1000 + i);
  if (step % 7 === 3 && scale === 1) array[step % array.length] = NaN;
  return array;
};

/** The weights after a training step, some of them not finite. */
export function weightsAt(step: number, kind: Kind): Record<string, never> {
  const kernel = filled(new Float32Array(600), step);
  const bias = filled(new Float32Array(5), step);
  const counts = filled(new Int32Array(4), step, 1000);
  const [wide, flags] = [filled(new Float64Array(3), step), Uint8ClampedArray.of(step % 256)];
  const weights =
    kind === 'arrays'
      ? { kernel, bias, counts, wide, flags }
      : {
          kernel: tf.tensor(kernel, [20, 30]),
          bias: tf.tensor(bias),
          counts: tf.tensor(counts, [2, 2], 'int32'),
          mask: tf.tensor1d([step % 2 === 0], 'bool'),
        };
  return weights as unknown as Record<string, never>;
}

/** An average of such weights that is yet to begin, or goes on. */
export function averageOf(compensated: boolean, from?: Snapshot): ModelEma<never> {
  return new ModelEma<never>({ decay: rampDecay({ decay: 0.999, tau: 50 }), compensated }, from);
}

/** One step: the weights, and attributes as a training loop has them. */
export function take(ema: ModelEma<never>, step: number, kind: Kind): void {
  const weights = weightsAt(step, kind);
  ema.update(weights);
  if (kind === 'tensors') tf.dispose(weights);
  ema.copyAttributes({ step, rate: 1 / (step + 3), note: `é ${step}` });
}

/** All of the state, as text. */
export function textOf(ema: ModelEma<never>): string {
  return Buffer.from(toBytes(ema.snapshot())).toString('base64');
}
