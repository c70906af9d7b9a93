import { forkJoin, lastValueFrom, NEVER, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import { startBackend } from '../examples/train/backend.js';
import { loadDigits } from '../examples/train/digits.js';
import { train } from '../examples/train/training.js';

const EPOCHS = 30; // fewer than the main job's: each seed in a few seconds
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

it.each([1, 2, 3, 4, 5])("EMA weights beat the raw ones on the second half's epochs, seed %i", async (seed) => {
  const { tf } = await startBackend('wasm');
  const { score$, point$ } = train(tf, loadDigits(), { seed, epochs: EPOCHS }, NEVER);
  const { scores, points } = await lastValueFrom(
    forkJoin({ scores: score$.pipe(toArray()), points: point$.pipe(toArray()) }),
  );
  expect([scores.length, points.length]).toEqual([EPOCHS, EPOCHS * 75]);
  const second = scores.slice(EPOCHS / 2);
  const raw = mean(second.map((score) => score.raw));
  const ema = mean(second.map((score) => score.ema));
  expect(raw).toBeGreaterThan(0.88); // the raw weights learn too: the averaged ones beat no straw man
  expect(ema).toBeGreaterThan(raw + 0.01);
});
