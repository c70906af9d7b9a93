import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import type { Points, Position } from '../src/apps/dashboard/protocol.js';
import { askPoints } from './support/dashboardReader.js';
import { programOf } from './support/program.js';

const MB = 1e6;
const [RUNS, METRICS, POINTS] = [10, 20, 100_000];

/** Takes all points as the page does, and keeps their number alone. */
class Counter {
  session = '';
  readonly positions = new Map<number, Position>();
  take({ session, parts }: Points): void {
    this.session = session;
    for (const { curve, cuts, from, values } of parts) {
      this.positions.set(curve, { curve, cuts, count: from + values.length });
    }
  }
  get count(): number {
    return [...this.positions.values()].reduce((sum, { count }) => sum + count, 0);
  }
}

async function readAll(url: string): Promise<number> {
  const counter = new Counter();
  while (counter.count < RUNS * METRICS * POINTS) {
    const { session, positions } = counter;
    counter.take(await askPoints(url, { session, positions: [...positions.values()] }));
  }
  return counter.count;
}

it.each([
  ['float32', false],
  ['float64', true],
])(
  'a process with a dashboard of 10 runs of 20 metrics of 100 000 points (%s) takes less than 500 MB, pages that read them included',
  async (kind, exact) => {
    const program = await programOf('test/support/dashboardRun.ts');
    onTestFinished(() => program.remove());
    const child = program.start([JSON.stringify([RUNS, METRICS, POINTS, exact])]);
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    child.stdout!.on('data', (piece) => (text += String(piece)));
    const line = async (n: number) => {
      while (text.split('\n').length <= n + 1) await once(child.stdout!, 'data');
      return text.split('\n')[n]!;
    };
    const url = await line(0);
    const early = readAll(url); // while they come
    const { most: alone } = JSON.parse(await line(1)) as { most: number };
    const counts = [await early, ...(await Promise.all([readAll(url), readAll(url)]))];
    expect(counts).toEqual(Array.from({ length: 3 }, () => RUNS * METRICS * POINTS));
    child.kill('SIGTERM');
    const { most } = JSON.parse(await line(2)) as { most: number };
    console.log(
      `dashboard of 2·10⁷ ${kind}: ${Math.round(alone / MB)} MB, ${Math.round(most / MB)} MB with three pages`,
    );
    expect(most).toBeLessThan(500 * MB);
    expect(most).toBeGreaterThan(RUNS * METRICS * POINTS * Float32Array.BYTES_PER_ELEMENT); // or the values were not kept
  },
);
