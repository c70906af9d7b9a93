// A training run that is killed and goes on: weights and shadow are in one file, which is replaced whole or not at all.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelEma, rampDecay } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';

const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const options = { decay: rampDecay({ decay: 0.99, tau: 50 }), compensated: true };
const STEPS = 300;

/** Fits y = 2x − 1 to noisy points by SGD, in plain arrays. Starts where the file says; `killedAt` ends it there. */
function train(path: string, killedAt = Infinity): ModelEma<Float32Array> {
  const saved = existsSync(path) ? readSafetensors(path) : null;
  const ema = new ModelEma<Float32Array>(options, saved?.snapshot);
  const line = (saved?.model?.['line'] ?? Float32Array.of(0, 0)) as Float32Array;
  if (saved === null) ema.update({ line });
  else console.log(`  goes on at step ${ema.updates}, ${ema.refused} refused, rate ${String(ema.attributes['rate'])}`);
  for (let step = ema.updates + 1; step <= STEPS; step++) {
    const x = Math.sin(step * 12.9898);
    const off = line[0]! * x + line[1]! - (2 * x - 1 + Math.cos(step * 78.233));
    line[0]! -= 0.2 * off * x;
    line[1]! -= 0.2 * off;
    if (step >= killedAt) return ema; // as if the process had ended here: what was not saved is lost
    ema.update({ line: step === 200 ? Float32Array.of(NaN, line[1]!) : line }); // an overflow: left out, and counted
    ema.copyAttributes({ rate: 0.2 });
    if (step % 50 === 0) toSafetensors(path, ema, { model: { line } });
  }
  return ema;
}

console.log('never stopped');
const whole = train(join(folder, 'whole.safetensors'));
const path = join(folder, 'killed.safetensors');
for (const killedAt of [80, 230, 299]) {
  console.log(`until it is killed at step ${killedAt}`);
  train(path, killedAt);
}
console.log('to the end');
const resumed = train(path);

const bits = (ema: ModelEma<Float32Array>): string => Buffer.from(ema.shadow['line']!.buffer).toString('hex');
const [slope, offset] = resumed.shadow['line']!;
console.log(
  `\nshadow: ${slope!.toFixed(4)} x + ${offset!.toFixed(4)} after ${resumed.updates} updates, ${resumed.refused} refused`,
);
console.log(`the same as without an end, to the last bit: ${bits(resumed) === bits(whole)}`);

const { holds, model, weights, dtypes } = readSafetensors(path);
console.log(`the file holds a ${holds}: ${Object.keys(dtypes).join(', ')}`);
console.log(`averaged ${weights['line']!.join(', ')} | raw ${model!['line']!.join(', ')}`);
rmSync(folder, { recursive: true });
