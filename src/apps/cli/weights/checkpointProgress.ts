import { statSync } from 'node:fs';
import { Presets, SingleBar } from 'cli-progress';

const MB = 1e6;

/** Shows on a terminal how many checkpoints have been read, how fast, and the time that is left; elsewhere nothing. */
export function checkpointProgress(paths: readonly string[]): { next(): void; end(): void } {
  if (!process.stderr.isTTY) return { next() {}, end() {} };
  const sizes = paths.map((path) => statSync(path).size / MB);
  const total = sizes.reduce((a, b) => a + b, 0);
  const format = '{bar} {percentage} % | {done} of {count} checkpoints | {rate} MB/s | {eta_formatted} left';
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
  const begin = performance.now();
  let [done, read] = [0, 0];
  bar.start(total, 0, { done, count: paths.length, rate: '-' });
  return {
    next() {
      read += sizes[done++] ?? 0;
      bar.update(read, { done, rate: Math.round((1000 * read) / (performance.now() - begin)) });
    },
    end: () => bar.stop(),
  };
}
