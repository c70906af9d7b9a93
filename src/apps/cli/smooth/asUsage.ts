import { SmoothingError } from '../../../errors.js';
import { UsageError } from '../usageError.js';

/** What the library refuses in an option, a user has said in the flag of its name. */
export function asUsage<R>(act: () => R): R {
  try {
    return act();
  } catch (error) {
    throw error instanceof SmoothingError ? new UsageError(`--${error.message}`) : error;
  }
}
