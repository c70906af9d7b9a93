import { existsSync } from 'node:fs';

import { said } from '../../../failure.js';
import { USUAL_PORT } from '../../dashboard/listening.js';
import { DashboardServer } from '../../dashboard/server.js';
import { Store } from '../../dashboard/store.js';
import { runRoots } from '../../runs/runRoots.js';
import { runsIn, type RunEvent } from '../../runs/runsIn.js';
import { UsageError } from '../usageError.js';
import type { WatchFlags } from './watchFlags.js';

/** Does the work of `rx-ema watch`: comes back when the user ends it. */
export async function watch(paths: readonly string[], flags: WatchFlags): Promise<void> {
  const port = portOf(flags.port);
  const store = new Store();
  const title = flags.title ?? titleOf(paths);
  const server = await DashboardServer.start(store, title, port);
  const ended = interrupted();
  const report = (problem: string): void => {
    warn(problem);
    server.report(problem);
  };
  const subscription = runsIn(paths, { follow: true }).subscribe({
    next: (event: RunEvent) => ('points' in event ? store.add(event.points) : report(event.problem)),
    error: (error: unknown) => report(said(error)),
  });
  process.stdout.write(`${server.url}\n`);
  if (port === null && server.port !== USUAL_PORT) warn(`port ${USUAL_PORT} is taken, this is ${server.port}`);
  for (const path of paths) if (!existsSync(path)) warn(`'${path}' is not there yet`);
  if (flags.open) await opened(server.url);
  await ended;
  subscription.unsubscribe();
  await server.close();
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port must be an integer from 0 to 65535, got '${text}'`);
}

function titleOf(paths: readonly string[]): string {
  return runRoots(paths)
    .map(({ label }) => label)
    .join(', ');
}

/** Resolves at the first signal that asks for the end; the second one ends the process as it always does. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const end = (): void => {
      for (const signal of signals) process.off(signal, end);
      resolve();
    };
    for (const signal of signals) process.on(signal, end);
  });
}

/** The browser is a convenience: without one the address is there. */
async function opened(url: string): Promise<void> {
  try {
    const { default: open } = await import('open');
    const browser = await open(url);
    browser.on('error', (error) => warn(`no browser could be opened: ${said(error)}`));
  } catch (error) {
    warn(`no browser could be opened: ${said(error)}`);
  }
}

function warn(text: string): void {
  process.stderr.write(`rx-ema: ${text.replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
