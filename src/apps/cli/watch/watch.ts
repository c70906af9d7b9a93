import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';

import { said } from '../../../failure.js';
import { USUAL_PORT } from '../../dashboard/listening.js';
import { DashboardServer } from '../../dashboard/server.js';
import { Store } from '../../dashboard/store.js';
import { runFormat, unknownFormat } from '../../runs/runFormat.js';
import { runRoots } from '../../runs/runRoots.js';
import { runsIn, type RunPoints } from '../../runs/runsIn.js';
import { checkPaths } from '../checkPaths.js';
import { portOf } from '../portOf.js';
import { say } from '../say.js';
import { UsageError } from '../usageError.js';
import { RunCount } from './runCount.js';
import type { WatchFlags } from './watchFlags.js';

/** Does the work of `rx-ema watch`: comes back when the user ends it. */
export async function watch(paths: readonly string[], flags: WatchFlags): Promise<void> {
  const port = flags.port === undefined ? null : portOf('--port', flags.port);
  checkPaths(paths);
  const foreign = paths.find((path) => isFile(path) && runFormat(basename(path)) === null);
  if (foreign !== undefined) throw new UsageError(unknownFormat(foreign));
  const store = new Store();
  const server = await DashboardServer.start(store, flags.title ?? titleOf(paths), port);
  const ended = interrupted();
  const count = new RunCount(titleOf(paths));
  const add = ({ points }: RunPoints): void => {
    store.add(points);
    count.add(points[0]!.run);
  };
  const report = (problem: string): void => {
    say(problem);
    server.report(problem);
  };
  const subscription = runsIn(paths, { follow: true }).subscribe({
    next: (event) => ('points' in event ? add(event) : report(event.problem)),
    error: (error: unknown) => {
      say(said(error));
      server.end(said(error));
    },
  });
  process.stdout.write(`${server.url}\n`);
  if (port === null && server.port !== USUAL_PORT) say(`port ${USUAL_PORT} is taken, this is ${server.port}`);
  for (const path of paths) if (!existsSync(path)) say(`'${path}' is not there yet`);
  if (flags.open) await opened(server.url);
  await ended;
  count.end();
  subscription.unsubscribe();
  await server.close();
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

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
    browser.on('error', (error) => say(`no browser could be opened: ${said(error)}`));
  } catch (error) {
    say(`no browser could be opened: ${said(error)}`);
  }
}
