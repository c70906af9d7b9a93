// Writes or reads a file of a GB, and prints how many bytes of memory that took beyond what was held before.
import { readFileSync } from 'node:fs';
import { ModelEma } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';

const [path, mode] = process.argv.slice(2) as [string, 'write' | 'read' | 'resume'];
const TENSORS = 160;
const ELEMENTS = 1_600_000;
const options = { decay: 0.5 };
const names = Array.from({ length: TENSORS }, (_, i) => `layer.${i}`);

/** One array stands for all weights: they are asked for one at a time. */
const scratch = new Float32Array(ELEMENTS);
const weights: Record<string, Float32Array> = {};
names.forEach((name, i) => Object.defineProperty(weights, name, { get: () => scratch.fill(i + 1), enumerable: true }));

/** Most that was ever in memory, in bytes. */
const peak = (): number => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
const shadowBytes = 4 * TENSORS * ELEMENTS;
const report = (extra: number, rest: object): void => console.log(JSON.stringify({ extra, ...rest }));

if (mode === 'write') {
  const ema = new ModelEma<Float32Array>(options);
  ema.update(weights);
  ema.update(weights);
  global.gc!();
  const before = process.memoryUsage().rss;
  const bytes = toSafetensors(path, ema);
  report(peak() - before, { bytes, held: before });
} else if (mode === 'read') {
  global.gc!();
  const before = process.memoryUsage().rss;
  const { weights: read } = readSafetensors(path);
  let sum = 0;
  for (const name of Object.keys(read)) sum += Number(read[name]!.at(-1));
  report(peak() - before, { sum });
} else {
  global.gc!();
  const before = process.memoryUsage().rss;
  const file = readSafetensors(path);
  const ema = new ModelEma<never>(options, file.snapshot);
  ema.update(file.weights as Record<string, never>);
  const last = (ema.shadow as Record<string, Float32Array>)['layer.159']!.at(-1);
  report(peak() - before - shadowBytes, { updates: ema.updates, last });
}
