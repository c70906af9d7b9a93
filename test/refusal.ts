import { SmoothingError, type SmoothingErrorCode } from 'rx-ema';
import { lastValueFrom, type Observable } from 'rxjs';
import { expect } from 'vitest';

/** What a refusal says: every one of the package is a SmoothingError, and its message "X must …, got …". */
export interface Refusal {
  readonly code: SmoothingErrorCode;
  readonly message: string;
}

/** The error that `run` throws, held to the package's grammar. */
export function refusal(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    return held(error);
  }
  throw new Error('nothing was refused');
}

/** The error that a stream ends with. */
export async function refusalOf(stream: Observable<unknown>): Promise<Refusal> {
  return refusalFrom(lastValueFrom(stream, { defaultValue: undefined }));
}

/** The error that a promise rejects with. */
export async function refusalFrom(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  return held(error);
}

/** An error, held to the grammar; anything but the package's own is thrown on. */
export function held(error: unknown): Refusal {
  if (!(error instanceof SmoothingError)) throw error;
  expect(error.message).toMatch(/ must [^]+, got [^]+$/);
  return { code: error.code, message: error.message };
}
