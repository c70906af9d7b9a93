/** Asked to end, a worker has this long. */
const PATIENCE_MS = 5000;
/** ms in which a second signal is the first one again: both a terminal and npm send what a user did once. */
const ECHO_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Hears what ends the process from without. */
export interface Ears {
  /** The first signal, which asks for the end. */
  asked(signal: NodeJS.Signals): void;
  /** There is no time for it: a second signal has come, or 5 s have passed. */
  cut(why: string): void;
  /** Something was thrown that nobody caught: Node would print it as it is, secrets too. */
  crashed(error: unknown): void;
}

/**
 * @returns the first signal as an `AbortSignal`, and a function that hears no more
 */
export function ending(ears: Ears): { readonly signal: AbortSignal; readonly done: () => void } {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  const hear = (signal: NodeJS.Signals): void => {
    if (timer !== undefined) {
      if (performance.now() - since > ECHO_MS) ears.cut(`a second signal (${signal})`);
      return;
    }
    since = performance.now();
    timer = setTimeout(() => ears.cut(`a ${signal} ${PATIENCE_MS / 1000} s ago`), PATIENCE_MS);
    ears.asked(signal);
    abort.abort();
  };
  const crashed = (error: unknown): void => ears.crashed(error);
  for (const signal of SIGNALS) process.on(signal, hear);
  process.on('uncaughtException', crashed);
  const done = (): void => {
    for (const signal of SIGNALS) process.off(signal, hear);
    process.off('uncaughtException', crashed);
    clearTimeout(timer);
  };
  return { signal: abort.signal, done };
}
