import { SmoothingError } from '../../../errors.js';
import { UsageError } from '../usageError.js';
import { flagOf } from './flagOf.js';

/** What the library refuses in an option, a user has said in a flag. */
export function asFlags<R>(act: () => R): R {
  try {
    return act();
  } catch (error) {
    throw error instanceof SmoothingError ? new UsageError(inFlags(error.message)) : error;
  }
}

/** What the library says of an option, said of its flag. */
export function inFlags(message: string): string {
  const [, option, rest] = /^(\w+)(?:\.\w+)?( must .*)$/s.exec(message.replace(', or a schedule', '')) ?? [];
  return option === undefined ? message : `${flagOf(option)}${rest}`;
}
