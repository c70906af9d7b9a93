// A process of its own, whose memory is that of a dashboard; it prints the address, and when the stream has ended what it took.
import { dashboard } from 'rx-ema/dashboard';
import { interval, map, take } from 'rxjs';

const [runs, metrics, points, exact] = JSON.parse(process.argv[2]!) as [number, number, number, boolean];
const AT_ONCE = 1000;

const names = Array.from({ length: metrics }, (_, i) => `train/metric ${i}`);
const began = Date.now();
let batch = 0;

/** The next points of the runs, one run after the other, as from files that are read. */
function next(): unknown[] {
  const first = batch * AT_ONCE;
  const run = `run ${Math.floor(first / points)}`;
  batch += 1;
  return Array.from({ length: AT_ONCE }, (_, i) => {
    const step = (first % points) + i;
    const values: Record<string, number> = {};
    for (const [k, name] of names.entries()) values[name] = valueOf(step + k);
    return { run, step, atMs: began + 37.5 * step, values };
  });
}

/** Of 24 bits, or of 53. */
function valueOf(i: number): number {
  const x = Math.sin(i);
  return exact ? x : Math.fround(x);
}

const batch$ = interval(0).pipe(
  take((runs * points) / AT_ONCE),
  map(() => next()),
);
const board = await dashboard(batch$, { port: 0 });
console.log(board.url);
await board.ended;
const { rss, arrayBuffers } = process.memoryUsage();
console.log(JSON.stringify({ rss, arrayBuffers, most: process.resourceUsage().maxRSS * 1024 }));
process.once('SIGTERM', () => {
  console.log(JSON.stringify({ most: process.resourceUsage().maxRSS * 1024 }));
  void board.close();
});
