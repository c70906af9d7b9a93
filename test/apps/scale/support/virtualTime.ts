import { onTestFinished, vi } from 'vitest';

/** Time that passes when it is told to, for all that waits. */
export interface VirtualTime {
  /** Runs what is due next, and all that follows from it at once. Returns false if nothing waits. */
  step(): Promise<boolean>;
  /** Lets as many ms pass. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until it is so. Throws if it is not within so many ms. */
  until(isSo: () => boolean, withinMs?: number): Promise<void>;
  /** Lets time pass until a promise has come to something: what that is. */
  settling<R>(promise: Promise<R>, withinMs?: number): Promise<R>;
}

/** Timers and clocks are ours until the test ends. */
export function virtualTime(): VirtualTime {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    now: 1_700_000_000_000,
  });
  onTestFinished(() => void vi.useRealTimers());
  return time;
}

const MOST_STEPS = 20_000;

const time: VirtualTime = {
  async step() {
    await settled();
    if (vi.getTimerCount() === 0) return false;
    vi.advanceTimersToNextTimer();
    await settled();
    return true;
  },
  async pass(ms) {
    let isOver = false;
    setTimeout(() => (isOver = true), ms);
    await time.until(() => isOver);
  },
  async until(isSo, withinMs = 120_000) {
    const end = performance.now() + withinMs;
    for (let steps = 0; !isSo(); steps++) {
      const goesOn = await time.step();
      if (!goesOn && !isSo()) throw new Error('nothing is left that could make it so');
      if (performance.now() > end || steps > MOST_STEPS) throw new Error(`it did not come to be in ${withinMs} ms`);
    }
  },
  async settling(promise, withinMs) {
    let isOver = false;
    const over = (): void => void (isOver = true);
    promise.then(over, over);
    await time.until(() => isOver, withinMs);
    return promise;
  },
};

/** All that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await Promise.resolve();
}
