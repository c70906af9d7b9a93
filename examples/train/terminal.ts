import { SingleBar } from 'cli-progress';
import {
  finalize,
  ignoreElements,
  map,
  pairwise,
  startWith,
  tap,
  throttleTime,
  withLatestFrom,
  type Observable,
} from 'rxjs';
import type { Point, Score, Training } from './training.js';

export interface Terminal extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** Shows a run's progress: a bar on a terminal, else a line per epoch. Emits nothing; ends with the run. */
export function showProgress(training: Training, epochs: number, out: Terminal): Observable<never> {
  return out.isTTY === true ? bar(training, epochs, out) : lines(training, epochs, out);
}

function bar({ point$, stepsPerEpoch }: Training, epochs: number, out: Terminal): Observable<never> {
  const format = 'epoch {epoch}/{epochs} {bar} {percentage} %  {rate} step/s  loss {loss}  smoothed {smoothed}';
  const look = { format, barCompleteChar: '█', barIncompleteChar: '░', barsize: 16, hideCursor: true };
  const progress = new SingleBar({ ...look, stream: out, gracefulExit: false });
  progress.start(epochs * stepsPerEpoch, 0, { epoch: 1, epochs, rate: '–', loss: '–', smoothed: '–' });
  return point$.pipe(
    throttleTime(200, undefined, { leading: true, trailing: true }),
    startWith(undefined),
    pairwise(),
    tap(([before, point]) => {
      const rate = before === undefined ? '–' : stepsPerSecond(before, point!).toFixed(0);
      const { epoch, step, value, corrected } = point!;
      progress.update(step, { epoch, rate, loss: fixed(value.loss), smoothed: fixed(corrected.loss) });
    }),
    finalize(() => progress.stop()),
    ignoreElements(),
  );
}

function lines({ point$, score$ }: Training, epochs: number, out: Terminal): Observable<never> {
  const epoch$ = score$.pipe(
    withLatestFrom(point$),
    startWith(undefined),
    pairwise(),
    map(([before, now]) => {
      const [score, point] = now!;
      const rate = before === undefined ? '' : `  ${stepsPerSecond(before[1], point).toFixed(0)} step/s`;
      const smooth = `loss ${fixed(point.value.loss)}  smoothed ${fixed(point.corrected.loss)}`;
      const test = `test accuracy ${percent(score.raw)}, with EMA weights ${percent(score.ema)}`;
      return `epoch ${String(score.epoch).padStart(String(epochs).length)}/${epochs}  ${smooth}  ${test}${rate}\n`;
    }),
  );
  return epoch$.pipe(
    tap((line) => out.write(line)),
    ignoreElements(),
  );
}

/** How the model's own weights and the averaged ones did on the test digits, as a table. */
export function summary(scores: readonly Score[]): string {
  if (scores.length === 0) return 'No epoch ended: there is no accuracy to compare.';
  const second = scores.slice(scores.length >> 1);
  const row = (name: string, of: (score: Score) => number) => {
    const values = second.map(of);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return [name, values.at(-1)!, mean, Math.min(...values)] as const;
  };
  const raw = row('raw weights', (score) => score.raw);
  const ema = row('EMA weights', (score) => score.ema);
  const cells = ([name, ...values]: typeof raw) =>
    name.padEnd(16) + values.map((v) => percent(v).padStart(16)).join('');
  const head = ['last epoch', 'second half', 'worst of it'].map((title) => title.padStart(16)).join('');
  return [`test accuracy   ${head}`, cells(raw), cells(ema)].join('\n');
}

function stepsPerSecond(before: Point, now: Point): number {
  return ((now.step - before.step) * 1000) / Math.max(now.atMs - before.atMs, 1);
}

const fixed = (value: number) => value.toFixed(4);
export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
