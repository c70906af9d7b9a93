import { Setback } from './port.js';

/**
 * What work comes to; a setback if it goes on for longer than `ms` after `stop`. It then goes on by itself, and nobody asks
 * what it comes to.
 */
export function cutShort<R>(work: Promise<R>, stop: AbortSignal, ms: number): Promise<R> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const cut = (): void =>
      reject(new Setback('session', `what was begun must end within ${ms} ms of a stop, got no answer`));
    const stopped = (): void => void (timer = setTimeout(cut, ms));
    if (stop.aborted) stopped();
    else stop.addEventListener('abort', stopped);
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
    };
    work.finally(done).then(resolve, reject);
  });
}
