import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that is started again when it ends. */
export interface Supervised {
  /** undefined while there is none. */
  readonly pid: number | undefined;
  /** SIGTERM, and SIGKILL if that takes too long. */
  stop(): Promise<void>;
}

/** ms before it is started again: the first time, and at most; and how long it has to live to have had a good start. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const GOOD_START_MS = 10_000;
const LAST_WORDS_MS = 8000;

/**
 * Keeps a process alive.
 *
 * @param begin - starts it
 * @param tell - what it writes to stderr, and what becomes of it
 */
export function supervise(begin: () => ChildProcess, tell: (line: string) => void): Supervised {
  let child: ChildProcess;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let pauseMs = FIRST_PAUSE_MS;
  const start = (): void => {
    const startedAt = performance.now();
    child = begin();
    const { pid } = child;
    endWithUs(child);
    tell(`pid ${pid}`);
    if (child.stderr !== null) createInterface(child.stderr).on('line', tell);
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (performance.now() - startedAt >= GOOD_START_MS) pauseMs = FIRST_PAUSE_MS;
      tell(`pid ${pid} ended by ${signal ?? `itself, with ${code}`}; again in ${pauseMs / 1000} s`);
      timer = setTimeout(start, pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
    });
  };
  start();
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    get pid() {
      return isOver() ? undefined : child.pid;
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      if (isOver()) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

/** Kills a process should this one die, in whatever way: by one that waits for the end of its input. */
function endWithUs(child: ChildProcess): void {
  const guard = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$0"', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.once('exit', () => guard.kill('SIGKILL'));
}
