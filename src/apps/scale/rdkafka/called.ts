import type { KafkaError } from './client.js';
import { isRefusal, PASSING } from './errors.js';

/** Starts what calls back. */
export type Start<R> = (done: (error: KafkaError | null | undefined, result: R) => void) => void;

/** What a function with a callback comes to. */
export function called<R>(start: Start<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is one of librdkafka's own
      if (error != null) reject(error);
      else resolve(result);
    });
  });
}

/** True if it may go right the next time, with nothing changed. */
export function isPassing(error: KafkaError): boolean {
  if (error.isFatal === true || error.isTxnRequiresAbort === true || isRefusal(error)) return false;
  return error.isRetriable === true || PASSING.includes(error.code);
}

/** Calls again, a little later each time, while what goes wrong may pass and `patient` says so. */
export async function insist<R>(call: () => Promise<R>, patient: (error: KafkaError) => boolean): Promise<R> {
  for (let pauseMs = 20; ; pauseMs = Math.min(1000, 2 * pauseMs)) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error as KafkaError) || !patient(error as KafkaError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
