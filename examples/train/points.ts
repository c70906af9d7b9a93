import { map, merge, mergeMap, type Observable } from 'rxjs';
import type { MetricPoint } from 'rx-ema/dashboard';
import type { Training } from './training.js';

const RAW = 'raw weights';
const EMA = 'EMA weights';

/** A run as the dashboard takes it: the metrics of each step as they are, and how both kinds of weights do on the test digits. */
export function pointsOf({ point$, score$ }: Training): Observable<MetricPoint> {
  const steps$ = point$.pipe(
    map(({ step, atMs, value: { loss, acc } }) => {
      return { run: RAW, step, atMs, values: { 'train/loss': loss, 'train/accuracy': acc! } };
    }),
  );
  const scores$ = score$.pipe(
    mergeMap(({ step, atMs, raw, ema }) => [
      { run: RAW, step, atMs, values: { 'test/accuracy': raw } },
      { run: EMA, step, atMs, values: { 'test/accuracy': ema } },
    ]),
  );
  return merge(steps$, scores$);
}
