// The EMA of a PyTorch run that was trained without one: from the checkpoints that it left, into a file that PyTorch loads.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { modelEma, type SafetensorsArray } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { fromSafetensors, readSafetensors } from 'rx-ema/sources';

// A small convolutional network on digits: its weights every 60 steps, and what torch's AveragedModel made of all 600.
const run = join(import.meta.dirname, 'data/run');
const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const file = join(folder, 'ema.safetensors');

let checkpoints = 0;
const shadow = await lastValueFrom(
  fromSafetensors(join(run, 'checkpoints')).pipe(
    tap(() => checkpoints++),
    modelEma<SafetensorsArray>({ decay: 0.98, stepsPerUpdate: 60 }), // a decay per step, 60 steps an update
  ),
);
const bytes = toSafetensors(file, shadow); // torch: model.load_state_dict(safetensors.torch.load_file(path))
console.log(`${checkpoints} checkpoints -> ema.safetensors, ${bytes} bytes\n`);

const norm = (xs: number[]): number => Math.hypot(...xs);
const numbers = (array: SafetensorsArray): number[] => Array.from(array as ArrayLike<number | bigint>, Number);

/** |a − b| / |b| */
function distance(a: SafetensorsArray, b: SafetensorsArray): number {
  const [from, to] = [numbers(a), numbers(b)];
  return norm(from.map((x, i) => x - to[i]!)) / norm(to);
}

const torch = readSafetensors(join(run, 'ema.safetensors')).weights;
const raw = readSafetensors(join(run, 'checkpoints/step-00600.safetensors')).weights;
const { weights: ours, shapes, dtypes } = readSafetensors(file);
console.log('tensor                  shape          type | how far from the EMA that torch kept at every step');
console.log('                                            |  our average   the last weights');
for (const [name, average] of Object.entries(ours)) {
  if (average instanceof BigInt64Array) continue; // counts of batches: copied, where torch cuts their averages to integers
  const what = `${name.padEnd(23)} ${`[${shapes[name]!.join(', ')}]`.padEnd(14)} ${dtypes[name]!.padEnd(4)}`;
  const [near, far] = [average, raw[name]!].map((one) => distance(one, torch[name]!).toExponential(1).padStart(12));
  console.log(`${what} | ${near}   ${far}`);
}
console.log('\nNot nearer, since 59 of 60 steps left no checkpoint: torch averaged them too.');
rmSync(folder, { recursive: true });
