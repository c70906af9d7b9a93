// rx-ema with the command worker alone, on a library that is a fake: SCENARIO says what becomes of its worker.
import { EMPTY, NEVER, Observable, concat, of, throwError, timer, switchMap } from 'rxjs';
import { run } from '../../../../src/apps/cli/run.js';
import { workerCommand } from '../../../../src/apps/cli/workerCommand.js';
import type { KafkaClient } from '../../../../src/apps/scale/rdkafka/client.js';
import type { WorkerOptions, WorkerState } from '../../../../src/apps/scale/worker.js';
import { SmoothingError, type SmoothingErrorCode } from '../../../../src/errors.js';
import { aPartition, aState } from './aState.js';

type Options = WorkerOptions<never>;

const { SCENARIO = '', STOP_MS = '0' } = process.env;
const [kind, code = ''] = SCENARIO.split(' ');

/** Runs until it is asked to stop, which takes it STOP_MS. */
function stopping({ signal }: Options, before: WorkerState): Observable<WorkerState> {
  const stopped$ = timer(Number(STOP_MS)).pipe(
    switchMap(() => of({ ...before, status: 'stopping', messages: 11 } as const)),
  );
  const asked$ = new Observable<never>((subscriber) => {
    if (signal!.aborted) subscriber.complete();
    else signal!.addEventListener('abort', () => subscriber.complete());
  });
  return concat(of(before), asked$, stopped$);
}

const SCENARIOS: Readonly<Record<string, (options: Options) => Observable<WorkerState>>> = {
  runs: (options) => stopping(options, aState()),
  starts: () => concat(of(aState({ status: 'starting', partitions: [] })), NEVER),
  holds: (options) => {
    setInterval(() => {}, 1000);
    return stopping(options, aState());
  },
  ends: () => EMPTY,
  passes: () => concat(of(aState()), timer(500).pipe(switchMap(() => EMPTY))),
  shows(options) {
    process.stdout.write(`${JSON.stringify(options)}\n`);
    return EMPTY;
  },
  restores: (options) => {
    const partitions = [aPartition(0, { status: 'restoring', restored: 1, toRestore: 2 })];
    return stopping(options, aState({ status: 'restoring', partitions }));
  },
  fails: () =>
    concat(
      of(aState()),
      throwError(() => new SmoothingError(code as SmoothingErrorCode, 'input must be a topic, got none')),
    ),
  unset: () =>
    throwError(() => {
      const got = 'got one that it does not: No such configuration property: "x"';
      return new SmoothingError('OPTION_VALUE', `config must be settings that the client takes, ${got}`);
    }),
  refuses: () => {
    throw new SmoothingError('OPTION_VALUE', 'commitMs must be >= 1 ms, got 0');
  },
  quotes: (options) => stopping(options, aState({ trouble: `no rights with ${JSON.stringify(options.config)}` })),
  quotesAndFails: ({ config }) => throwError(() => new Error(`broken with ${JSON.stringify(config)}`)),
  quotesAndCrashes: ({ config }) =>
    new Observable(() => {
      setTimeout(() => {
        throw new Error(`broken with ${JSON.stringify(config)}`);
      });
    }),
};

const library = {
  client: async () => ({}) as KafkaClient,
  runWorker: (options: Options) => SCENARIOS[kind!]!(options),
};

process.exitCode = await run(process.argv.slice(2), [() => workerCommand(library)]);
