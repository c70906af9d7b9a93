import { bufferTime, filter, ignoreElements, merge, tap, type Observable } from 'rxjs';
import type { Feed } from './feed.js';
import type { Training } from './training.js';

/** Twenty times a second: as often as an eye can follow. */
const EVERY_MS = 50;

/** Publishes a run's points, by the column and many at once, and its scores. Emits nothing; ends with the run. */
export function publish({ point$, score$ }: Training, feed: Feed): Observable<never> {
  const points$ = point$.pipe(
    bufferTime(EVERY_MS),
    filter((points) => points.length > 0),
    tap((points) =>
      feed.publish('points', {
        step: points.map(({ step }) => step),
        epoch: points.at(-1)!.epoch,
        atMs: Math.round(points.at(-1)!.atMs),
        loss: points.map(({ value }) => short(value.loss)),
        lossEma: points.map(({ ema }) => short(ema.loss)),
        lossCorrected: points.map(({ corrected }) => short(corrected.loss)),
        acc: points.map(({ value }) => short(value['acc']!)),
        accEma: points.map(({ ema }) => short(ema['acc']!)),
        accCorrected: points.map(({ corrected }) => short(corrected['acc']!)),
      }),
    ),
  );
  const scores$ = score$.pipe(tap((score) => feed.publish('score', score)));
  return merge(points$, scores$).pipe(ignoreElements());
}

/** Five digits are more than a screen shows. JSON knows no NaN: null is a gap. */
function short(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
}
