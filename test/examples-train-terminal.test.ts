import { concat, from, lastValueFrom, map, NEVER, timer, type Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { showProgress, summary, type Terminal } from '../examples/train/terminal.js';
import type { Point, Score, Training } from '../examples/train/training.js';
import { PassThrough } from 'node:stream';

const STEPS_PER_EPOCH = 10;
const score = (epoch: number, raw: number, ema: number): Score => ({
  epoch,
  step: epoch * STEPS_PER_EPOCH,
  atMs: 1000,
  raw,
  ema,
});

const logs = (loss: number) => ({ loss, acc: 0.5 });

function point(step: number): Point {
  const epoch = Math.ceil(step / STEPS_PER_EPOCH);
  return { epoch, step, atMs: 1000 + 4 * step, value: logs(2), ema: logs(0.5), corrected: logs(1.25) };
}

async function shown(isTTY: boolean, point$: Observable<Point>, score$: Observable<Score>): Promise<string> {
  const out = Object.assign(new PassThrough(), { isTTY, columns: 80, cursorTo: () => true });
  let text = '';
  out.on('data', (chunk) => (text += String(chunk)));
  const training: Training = { point$, score$, shadow$: NEVER, stepsPerEpoch: STEPS_PER_EPOCH };
  await lastValueFrom(showProgress(training, 3, out as unknown as Terminal), { defaultValue: undefined });
  return text;
}

it('draws a bar on a terminal: epoch, steps per second, raw and smoothed loss, in 80 columns', async () => {
  const steps = concat(from([1, 2]), timer(250).pipe(map(() => 30))).pipe(map(point));
  const text = await shown(true, steps, NEVER);
  expect(text).toContain('epoch 1/3');
  const last = /epoch 3\/3 █+ 100 % {2}250 step\/s {2}loss 2\.0000 {2}smoothed 1\.2500/.exec(text);
  expect(last?.[0].length).toBeLessThanOrEqual(76); // room for epochs and rates of more digits
});

it('writes a line per epoch where there is no terminal', async () => {
  const points = [1, 10, 20].map(point);
  // as in a run: the point of an epoch's last step comes before its score
  const score$ = from([score(1, 0.5, 0.25), score(2, 0.75, 0.875)]);
  const text = await shown(false, concat(from(points), NEVER), score$);
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    'epoch 1/3  loss 2.0000  smoothed 1.2500  test accuracy 50.00 %, with EMA weights 25.00 %',
    'epoch 2/3  loss 2.0000  smoothed 1.2500  test accuracy 75.00 %, with EMA weights 87.50 %  0 step/s',
    '',
  ]);
});

it('sums up the last epoch, and the mean and the worst of the second half', () => {
  const scores = [score(1, 0, 0), score(2, 0.1, 0.2), score(3, 0.5, 0.75), score(4, 0.25, 0.875)];
  expect(summary(scores).split('\n')).toEqual([
    'test accuracy         last epoch     second half     worst of it',
    'raw weights              25.00 %         37.50 %         25.00 %',
    'EMA weights              87.50 %         81.25 %         75.00 %',
  ]);
  expect(summary([])).toContain('No epoch ended');
});
