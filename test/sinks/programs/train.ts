// Averages the weights of a run that is the same every time, saves every third step, and goes on from what is there.
import { existsSync } from 'node:fs';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';
import { averageOf, STEPS, take, textOf, type Kind } from './steadyRun.js';

const [path, kind, compensated] = process.argv.slice(2) as [string, Kind, string];
const isResumed = existsSync(path);
const ema = averageOf(compensated === 'true', isResumed ? readSafetensors(path).snapshot : undefined);
console.log('started');
for (let step = isResumed ? ema.updates + 1 : 0; step <= STEPS; step++) {
  take(ema, step, kind);
  if (step > 0 && step % 3 === 0) toSafetensors(path, ema);
}
console.log(textOf(ema));
