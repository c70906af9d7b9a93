import { ReplaySubject, type Observable } from 'rxjs';

/** The same Ctrl-C may come twice: from the terminal, and again from npm, which passes it on. */
const SAME_MS = 500;

/**
 * Emits once, at the first Ctrl-C (or SIGTERM) since it was called, also to whoever subscribes later; a second one ends the
 * process at once.
 */
export function interrupts(): Observable<void> {
  const interrupt$ = new ReplaySubject<void>(1);
  let firstAt: number | undefined;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      interrupt$.next();
    } else if (performance.now() - firstAt > SAME_MS) {
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return interrupt$;
}
