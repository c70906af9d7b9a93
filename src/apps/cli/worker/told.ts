import { SmoothingError } from '../../../errors.js';
import { UsageError } from '../usageError.js';
import { inFlags } from './asFlags.js';
import type { WorkerFlags } from './workerFlags.js';

const OF_OPTIONS = /^(OPTION|DECAY)_/;

/** An error as the user of the command is told it: without secrets, in words of the flags. */
export function told(error: unknown, hide: (text: string) => string, flags: WorkerFlags): Error {
  const message = hide(error instanceof Error ? error.message : String(error));
  if (!(error instanceof SmoothingError)) return new Error(message);
  const { code } = error;
  if (OF_OPTIONS.test(code)) return new UsageError(inFlags(message));
  if (code === 'SLOT_TAKEN') return new SmoothingError(code, slotTaken(flags));
  if (code === 'SNAPSHOT_OPTIONS') return new SmoothingError(code, `${message}: other options need another --group`);
  return new SmoothingError(code, message);
}

function slotTaken({ slot = '0' }: WorkerFlags): string {
  return `another worker has taken slot '${slot}', and goes on in place of this one: each must have a --slot of its own`;
}
