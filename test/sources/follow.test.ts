import { fork } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fromCsv, fromJsonl } from 'rx-ema/sources';
import type { Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { bytesHeld } from '../support/bytesHeld.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { silenceWatches } from '../support/silenceWatches.js';
import { ROOT } from '../support/workspace.js';

const SECONDS = 30;
const LINES_A_SECOND = 10_000;
/** A hundredth of what the lines would need. */
const MOST_BYTES = 3e6;
/** From the end of the write to `next`, for the fourth of 15 lines: other programs may hold the later ones up. */
const MOST_MS = 200;

interface Line {
  readonly n: number;
}

/** How a file of a format is followed. */
const formats: readonly (readonly [format: string, follow: (path: string) => Observable<Line>])[] = [
  ['jsonl', (path) => fromJsonl<Line>(path, { follow: true })],
  ['csv', (path) => fromCsv(path, { follow: true }) as Observable<unknown> as Observable<Line>],
];

/** What a source has brought: numbers that should go up by one from 0. */
function counting(line$: Observable<Line>) {
  const seen = { next: 0, wrong: [] as string[], early: 0, error: null as unknown };
  const subscription = line$.subscribe({
    next({ n }) {
      if (n !== seen.next) seen.wrong.push(`${n} came, not ${seen.next}`);
      seen.next = n + 1;
      if (n === LINES_A_SECOND * 5) seen.early = bytesHeld();
    },
    error: (error: unknown) => (seen.error = error),
  });
  return { seen, stop: () => subscription.unsubscribe() };
}

/** Runs the writer to its end. Answers it when all that was written has come. */
async function written(path: string, format: string, got: () => number): Promise<number> {
  const args = [path, format, String(SECONDS), String(LINES_A_SECOND)];
  const child = fork(join(ROOT, 'test/support/logWriter.ts'), args, { execArgv: ['--import', 'tsx'] });
  let all = 0;
  child.on('message', async (message: { written: number; cut?: boolean }) => {
    all = message.written;
    if (message.cut !== true) return;
    await vi.waitUntil(() => got() === all, { timeout: 30_000 });
    child.send('all has come');
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  return all;
}

/** All formats at once. */
const each = <T>(run: (format: string, follow: (path: string) => Observable<Line>) => Promise<T>): Promise<T[]> =>
  Promise.all(formats.map(([format, follow]) => run(format, follow)));

describe('a file that is written to quickly, rotated twice and cut once', () => {
  it(
    'brings every line once, in constant memory',
    async () => {
      const folder = emptyFolder();
      const held: number[] = [];
      await each(async (format, follow) => {
        const path = join(folder, `run.${format}`);
        const { seen, stop } = counting(follow(path)); // the file is not there yet
        const all = await written(path, format, () => seen.next);
        await vi.waitFor(() => expect(seen.next).toBe(all), 20_000);
        held.push(bytesHeld() - seen.early);
        stop();
        expect(seen.wrong).toEqual([]);
        expect(seen.error).toBe(null);
        expect(all).toBe(SECONDS * LINES_A_SECOND);
      });
      expect(held.length).toBe(formats.length);
      expect(Math.max(...held)).toBeLessThan(MOST_BYTES);
    },
    (SECONDS + 60) * 1000,
  );
});

describe('a line that is appended to an idle file', () => {
  it.each(['a watch that tells', 'a watch that is silent'])('comes within 200 ms, with %s', async (kind) => {
    if (kind === 'a watch that is silent') silenceWatches();
    for (const [format, follow] of formats) {
      const path = join(emptyFolder(), `run.${format}`);
      writeFileSync(path, format === 'csv' ? 'n\n' : '');
      const took: number[] = [];
      let since = 0;
      const subscription = follow(path).subscribe(() => took.push(performance.now() - since));
      for (let n = 0; n < 15; n++) {
        await wait(130 + n * 7); // at any time between two polls
        since = performance.now();
        appendFileSync(path, format === 'csv' ? `${n}\n` : `{"n":${n}}\n`);
      }
      await vi.waitFor(() => expect(took.length).toBe(15), 10_000);
      subscription.unsubscribe();
      expect(took.sort((a, b) => a - b)[3]).toBeLessThan(MOST_MS);
    }
  });
});
