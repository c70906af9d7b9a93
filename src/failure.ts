import { SmoothingError, type SmoothingErrorCode } from './errors.js';

/** A `SmoothingError` about what went wrong elsewhere, which it keeps as its `cause`. */
export function failure(code: SmoothingErrorCode, message: string, cause: unknown): SmoothingError {
  const error = new SmoothingError(code, message);
  error.cause = cause;
  return error;
}

/** What an error says, on one line. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
}
