/// <reference lib="esnext.disposable" preserve="true" />
import { from, type Observable, type ObservableInput, type Subscription } from 'rxjs';

import { said } from '../../failure.js';
import { bad, read } from '../../options.js';
import { pointsOf } from './pointsOf.js';
import { DashboardServer } from './server.js';
import { Store } from './store.js';

/** Options of `dashboard`. */
export interface DashboardOptions {
  /**
   * Port on 127.0.0.1; 0 for any that is free. One that is always the same lets a page that is open find the next run.
   * @default 6362, or if that is taken one of the nine behind it, or any that is free
   */
  readonly port?: number;
  /** What the page is called. @default 'rx-ema' */
  readonly title?: string;
}

/** A dashboard that is being served. */
export interface Dashboard {
  /** Where it is, as a browser takes it: `http://127.0.0.1:6362/`. */
  readonly url: string;
  readonly port: number;
  /**
   * Resolves when the stream has completed, or after `close()`; rejects with the stream's error. Nobody has to look: what
   * is not handled here is not reported as unhandled, as the page shows it.
   */
  readonly ended: Promise<void>;
  /**
   * Unsubscribes from the stream, gives pages up to a second to take the last points, and ends the server. Pages keep
   * what they have. More calls do nothing more. Rejects, once all of that is done, with what the stream throws at it.
   */
  close(): Promise<void>;
  /** As `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Shows a stream of metrics live on a page of its own, which smooths every raw point as its reader likes.
 *
 * Served on 127.0.0.1 alone, for the browsers of this machine (or through a tunnel): any number of them may read and leave,
 * and one that is slow, hidden or gone costs the stream nothing: nothing is queued for it, it asks for what it has not got.
 * What goes wrong with pages never reaches the stream.
 *
 * Each value is one of
 * - a point `{ run, step, atMs, values: { loss: 0.5 } }`;
 * - a step of `fromFit` or `fitDataset`: `{ epoch, step, atMs, logs: { loss: 0.5 } }`;
 * - a scalar of `fromTfevents`: `{ run, tag: 'loss', step, atMs, value: 0.5 }`;
 * - a flat record `{ step, loss: 0.5, acc: 0.8 }`: its number fields are metrics, but the step, times and keys, as loggers
 *   name them (`step`, `iteration`, `epoch`, `wall_time`, `id`, …);
 * - a number, the metric `value`;
 *
 * or an array of them. Without `run` it belongs to the run `run`; without a step it is counted, from 1 in each run; without
 * a time it was measured when it arrived. A step before the newest one of a metric is that of a run that was started again:
 * what the metric had from there on is replaced. NaN and infinities are shown as marks. A value of another kind is left
 * out, and the page says so with the words of SmoothingError `VALUE_KIND`.
 *
 * All points are kept, raw: 4 bytes for each number that was a float32 and 8 for any other, 8 for the step and time that the
 * metrics of a point share (each has its own where they come one by one), and up to a quarter more, as memory is taken in
 * advance. 10 runs of 20 metrics of 100 000 points are some 300 MB, with all that Node takes.
 *
 * When the stream completes or fails the page says so and stays, and keeps the process alive, until `close()`.
 *
 * @param stream$ - metrics; subscribed to once the page can be opened, so that nothing trains where no page is. Share it
 *   if others read it too
 * @param options - `port`, `title`
 * @returns the dashboard, which the caller closes
 * @throws SmoothingError (as a rejection) `OPTION_UNKNOWN`, `OPTION_VALUE`; `PORT_UNAVAILABLE` if the port that was asked
 *   for is taken
 * @example
 * ```ts
 * import { map, take, timer } from 'rxjs';
 * import { dashboard } from 'rx-ema/dashboard';
 *
 * const loss$ = timer(0, 1).pipe(take(100), map((i) => ({ run: 'first', step: i, loss: 1 / (1 + i) })));
 * const page = await dashboard(loss$, { port: 0, title: 'my run' });
 * console.log(page.url.startsWith('http://127.0.0.1:'));
 * // => true
 * await page.ended; // without these two lines it stays, to be looked at
 * await page.close();
 * ```
 * @see `rx-ema watch`, which shows files that grow
 */
export async function dashboard(
  stream$: ObservableInput<number | object>,
  options: DashboardOptions = {},
): Promise<Dashboard> {
  const { port, title } = checked(options);
  const value$ = from(stream$);
  const store = new Store();
  const server = await DashboardServer.start(store, title, port);
  const { ended, subscription } = shown(value$, store, server);
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    try {
      subscription.unsubscribe();
    } finally {
      await (closed ??= server.close()); // whatever the stream throws when it is left
    }
  };
  return { url: server.url, port: server.port, ended, close, [Symbol.asyncDispose]: close };
}

/** What the stream brings goes into the store, how it ends to the pages. */
function shown(
  value$: Observable<unknown>,
  store: Store,
  server: DashboardServer,
): { ended: Promise<void>; subscription: Subscription } {
  const pointOf = pointsOf();
  const take = (value: unknown): void => {
    try {
      store.add([pointOf(value)]);
    } catch (error) {
      server.report(said(error));
    }
  };
  let subscription!: Subscription;
  const ended = new Promise<void>((resolve, reject) => {
    subscription = value$.subscribe({
      next: (value) => {
        if (Array.isArray(value)) value.forEach(take);
        else take(value);
      },
      error: (error: unknown) => {
        server.end(said(error));
        reject(error);
      },
      complete: () => {
        server.end();
        resolve();
      },
    });
    subscription.add(resolve);
  });
  ended.catch(() => {}); // the page has it
  return { ended, subscription };
}

function checked(options: DashboardOptions): { port: number | null; title: string } {
  if (typeof options !== 'object' || options === null) throw bad('options', 'be an object', options);
  const { port = null, title = 'rx-ema' } = read(options, ['port', 'title']) as DashboardOptions;
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw bad('port', 'be an integer from 0 to 65535', port);
  }
  if (typeof title !== 'string') throw bad('title', 'be a string', title);
  return { port, title };
}
