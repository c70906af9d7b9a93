import { lastValueFrom, tap, type Observable } from 'rxjs';

import type { KafkaClient } from '../../scale/rdkafka/client.js';
import { runWorker } from '../../scale/runWorker.js';
import type { WorkerOptions, WorkerState } from '../../scale/worker.js';
import { portOf } from '../portOf.js';
import { ending } from './ending.js';
import { kafkaClient } from './kafkaClient.js';
import { Narrator } from './narrator.js';
import { hiding } from './secrets.js';
import { Seen } from './seen.js';
import { TerminalLine } from './terminalLine.js';
import { told } from './told.js';
import type { WorkerFlags } from './workerFlags.js';
import { workerOptions } from './workerOptions.js';
import { WorkerServer } from './workerServer.js';
import { farewell } from './words.js';

/** OpenTelemetry's for what Prometheus reads. */
const USUAL_PORT = '9464';
const OWN_HOST = '127.0.0.1';
const LOOK_MS = 250;
const LINGER_MS = 500;

/** What the command needs of the library: a declared port, so that it can be tried without a broker. */
export interface WorkerLibrary {
  client(): Promise<KafkaClient>;
  runWorker(options: WorkerOptions<never>): Observable<WorkerState>;
}

const LIBRARY: WorkerLibrary = { client: kafkaClient, runWorker };

/** Does the work of `rx-ema worker`: comes back when the user ends it. */
export async function worker(flags: WorkerFlags, library: WorkerLibrary = LIBRARY): Promise<void> {
  const options = await workerOptions(flags, process.env);
  const port = flags.metrics === false ? null : portOf('--metrics-port', flags.metricsPort ?? USUAL_PORT);
  const hide = hiding(options.config);
  const line = new TerminalLine(process.stderr);
  const narrator = new Narrator(line);
  const seen = new Seen(hide);
  const end = ending({
    asked: (signal) => line.say(`${signal}: commits and leaves`),
    cut: (why) => stop(line, seen.cutShort(why)),
    crashed: (error) => stop(line, hide(error instanceof Error ? (error.stack ?? error.message) : String(error))),
  });
  const timer = setInterval(() => narrator.look(), LOOK_MS);
  let server: WorkerServer | null = null;
  try {
    const client = await library.client();
    if (port !== null) server = await WorkerServer.start(flags.metricsHost ?? OWN_HOST, port, () => seen.latest);
    line.say(`smoothing ${flags.in} into ${flags.out}, slot ${flags.slot ?? '0'}; Ctrl-C ends`);
    if (server !== null) line.say(`metrics at ${server.url}/metrics`);
    const state$ = library.runWorker({ ...options, client, signal: end.signal });
    await lastValueFrom(state$.pipe(tap((state) => narrator.see(seen.see(state)))), { defaultValue: null });
  } catch (error) {
    const why = told(error, hide, flags);
    server?.fail(why.message);
    throw why;
  } finally {
    clearInterval(timer);
    line.end();
    await server?.close();
    end.done();
    setTimeout(() => process.exit(), LINGER_MS).unref(); // a client whose connections never came about does not let go
  }
  if (seen.latest !== null) line.say(farewell(seen.latest));
}

function stop(line: TerminalLine, words: string): never {
  line.end();
  line.say(words);
  process.exit(1);
}
