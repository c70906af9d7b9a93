import type * as Tf from '@tensorflow/tfjs';
import { CLASSES, PIXELS, SIDE, type Digit } from './digits.js';
import { random, shuffle } from './random.js';

export const BATCH_SIZE = 16;

/**
 * Batches of digits, an epoch at a time: in another order each epoch, and each digit moved by up to one pixel and with a
 * little noise, so that there is always something left to learn. The same for the same seed.
 */
export function trainingBatches(tf: typeof Tf, digits: readonly Digit[], seed: number) {
  const next = random(seed);
  return tf.data.generator(function* () {
    const order = shuffle([...digits], next);
    for (let at = 0; at + BATCH_SIZE <= order.length; at += BATCH_SIZE) {
      const batch = order
        .slice(at, at + BATCH_SIZE)
        .map(({ pixels, label }) => ({ pixels: moved(pixels, next), label }));
      yield tensors(tf, batch);
    }
  });
}

/** Digits as a model takes them: `xs` [n, 64], `ys` one-hot [n, 10]. */
export function tensors(tf: typeof Tf, digits: readonly Digit[]): { xs: Tf.Tensor2D; ys: Tf.Tensor2D } {
  const xs = new Float32Array(digits.length * PIXELS);
  const ys = new Float32Array(digits.length * CLASSES);
  digits.forEach(({ pixels, label }, i) => {
    xs.set(pixels, i * PIXELS);
    ys[i * CLASSES + label] = 1;
  });
  return { xs: tf.tensor2d(xs, [digits.length, PIXELS]), ys: tf.tensor2d(ys, [digits.length, CLASSES]) };
}

const NOISE = 0.1;

function moved(pixels: Float32Array, next: () => number): Float32Array {
  const right = Math.floor(next() * 3) - 1;
  const down = Math.floor(next() * 3) - 1;
  return pixels.map((_, i) => {
    const x = (i % SIDE) - right;
    const y = Math.floor(i / SIDE) - down;
    const inside = x >= 0 && x < SIDE && y >= 0 && y < SIDE;
    const noise = NOISE * (next() + next() + next() - 1.5) * 2; // nearly a bell: mean 0, standard deviation NOISE
    return (inside ? pixels[y * SIDE + x]! : 0) + noise;
  });
}
