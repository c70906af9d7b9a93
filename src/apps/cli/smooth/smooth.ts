import { UsageError } from '../usageError.js';
import type { SmoothFlags } from './smoothFlags.js';

/** Does the work of `rx-ema smooth`. */
export async function smooth(files: readonly string[], flags: SmoothFlags): Promise<void> {
  throw new UsageError(`smooth must know how to read ${files.join(', ')} as ${flags.from}`);
}
