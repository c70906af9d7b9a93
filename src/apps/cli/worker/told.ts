import { SmoothingError } from '../../../errors.js';
import { UsageError } from '../usageError.js';
import { inFlags } from './asFlags.js';
import type { WorkerFlags } from './workerFlags.js';

const OF_OPTIONS = /^(OPTION|DECAY)_/;

/** An error as the user of the command is told it: without secrets, in words of the flags. */
export function told(error: unknown, hide: (text: string) => string, flags: WorkerFlags): Error {
  const message = hide(error instanceof Error ? error.message : String(error));
  if (!(error instanceof SmoothingError)) return new Error(message);
  if (OF_OPTIONS.test(error.code)) return new UsageError(inFlags(message));
  return new SmoothingError(error.code, error.code === 'SLOT_TAKEN' ? slotTaken(flags) : message);
}

function slotTaken({ slot = '0' }: WorkerFlags): string {
  return `another worker has taken slot '${slot}', and goes on in place of this one: each must have a --slot of its own`;
}
