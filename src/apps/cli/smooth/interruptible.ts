import type { Output } from './output.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does something that a signal ends: what has been written goes, and the process dies of it as it would have. */
export async function interruptible(output: Output, work: () => Promise<void>): Promise<void> {
  const end = (signal: NodeJS.Signals): void => {
    output.discard();
    for (const one of SIGNALS) process.off(one, end);
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}
