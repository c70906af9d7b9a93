import type { Observable } from 'rxjs';

import type { MetricPoint } from './point.js';
import { DashboardServer } from './server.js';
import { Store } from './store.js';

/** Options of `dashboard`. */
export interface DashboardOptions {
  /** Port on 127.0.0.1; 0 for any that is free. @default 0 */
  readonly port?: number;
  /** What the page is called. @default 'rx-ema' */
  readonly title?: string;
}

/** A dashboard that is being served. */
export interface Dashboard {
  /** Where it is, as a browser takes it. */
  readonly url: string;
  /** Ends the subscription and the server; pages keep what they have. */
  close(): Promise<void>;
}

/** Shows a stream of metrics live on a page of its own, which smooths them. */
export async function dashboard(
  point$: Observable<readonly MetricPoint[]>,
  { port = 0, title = 'rx-ema' }: DashboardOptions = {},
): Promise<Dashboard> {
  const store = new Store();
  const server = await DashboardServer.start(store, title, port);
  const subscription = point$.subscribe({
    next: (points) => store.add(points),
    error: (error: unknown) => server.say({ ended: true, problems: [String(error)] }),
    complete: () => server.say({ ended: true }),
  });
  return {
    url: server.url,
    async close() {
      subscription.unsubscribe();
      await server.close();
    },
  };
}
