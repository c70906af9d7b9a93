import { UsageError } from './usageError.js';

/** The port that a flag names. @throws UsageError if it can't be one */
export function portOf(flag: string, text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`${flag} must be an integer from 0 to 65535, got '${text}'`);
}
