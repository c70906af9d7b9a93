import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { ended, type Ended } from './program.js';

/** A process, and what it says on stderr while it runs. */
export interface Heard {
  readonly end: Promise<Ended>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly said: () => string;
  /** Waits for what it says, and gives what is in the pattern's first parentheses. Throws if it ends without it. */
  readonly hears: (pattern: RegExp) => Promise<string>;
}

/** Listens to a process of a test, which ends with the test. */
export function heard(child: ChildProcess): Heard {
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr!.on('data', (text: Buffer) => (said += text.toString()));
  const end = ended(child);
  let isOver = false;
  void end.then(() => (isOver = true));
  return {
    end,
    kill: (signal) => void child.kill(signal),
    said: () => said,
    hears: async (pattern) => {
      for (;;) {
        const match = pattern.exec(said);
        if (match !== null) return match[1] ?? '';
        if (isOver) throw new Error(`it ended without ${pattern}, and said ${said}`);
        await sleep(5);
      }
    },
  };
}
