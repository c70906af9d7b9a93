import { Observable } from 'rxjs';
import type { Smoothed } from '../../types.js';
import { RdkafkaPort } from './rdkafka/rdkafkaPort.js';
import { Refusals } from './rdkafka/refusals.js';
import type { WorkerOptions, WorkerState } from './worker.js';
import { Worker } from './workerLife.js';
import { workerPlan } from './workerPlan.js';

/**
 * Smooths a topic of Kafka into another one, exactly once: a worker, of which as many run as there is work for, at most one
 * for each partition.
 *
 * Each message moves the average of its key, and comes out with its key, timestamp, headers and partition. Outputs, the
 * state and the position are written in one transaction, so that readers with `read_committed` find every input once, with
 * the numbers of one run that was never interrupted: `emaScan({ ...ema, by })` over each partition. What a worker knows
 * lies in a compacted topic, the changelog, from which whoever gets the partition restores it.
 *
 * A message that can't be read or smoothed goes to the dead letters, as it came, with the reason in the header
 * `rx-ema.reason` and where it lay in `rx-ema.topic`, `rx-ema.partition`, `rx-ema.offset`; the others go on.
 *
 * A message without a value is a missing value, and comes out without one; but among bare numbers with `missing: 'carry'`
 * (as it is with a `statistic`, if nothing is said) as the number carried on, and with `cov` and `corr` as NaN, in JSON the
 * text `null`, once there is something of its key. With `missing: 'throw'` it is a dead letter.
 *
 * Brokers that are away are waited for. Unsubscribing commits what has been taken in, and leaves; with `signal` the stream
 * then completes.
 *
 * @param options - `client`, `brokers`, `input`, `output`, `ema`, and those that have a default
 * @returns what the worker is at: on each change, and every second. Each subscription is a worker of its own: two at a time
 *   need two slots
 * @throws SmoothingError when it is called: `OPTION_UNKNOWN`, `OPTION_VALUE`, and what `emaScan` and `ewm` throw. As error
 *   notifications: `OPTION_VALUE` (`config` has a setting that the client refuses), `TOPIC_MISSING` (input or output),
 *   `TOPIC_SETTINGS` (partitions, compaction, timestamps), `BROKER_REFUSED` (no rights, a wrong password), `SLOT_TAKEN`
 *   (a second worker in the slot), `CODEC_MISMATCH` (`maxDeadInARow` messages in a row that can't be read),
 *   `MESSAGE_TOO_LARGE` (a topic does not take what must be written), `SNAPSHOT_OPTIONS` (the changelog is of other options),
 *   `SNAPSHOT_CORRUPT` (the changelog is ahead of the group's position, or that of the input; or damaged), `BROKER_FAILED`
 *   (anything else that does not pass)
 * @example
 * ```ts no-run: needs a broker
 * import kafka from 'node-rdkafka';
 * import { runWorker } from 'rx-ema/kafka';
 *
 * const worker$ = runWorker({
 *   client: kafka,
 *   brokers: 'localhost:9092',
 *   input: 'metrics',
 *   output: 'smoothed',
 *   ema: { halfLifeMs: 2000, time: 'at', columns: ['celsius'] },
 *   slot: process.env['SLOT'] ?? '0',
 * });
 * const worker = worker$.subscribe(({ status, rate, lag }) => console.log(status, rate, lag));
 * process.once('SIGTERM', () => worker.unsubscribe());
 * ```
 * @see `emaScan`, `ewm` for the options and the numbers; `rx-ema worker` for the same as a command; docs/scaling.md
 */
export function runWorker<T = Record<string, unknown>, R = Smoothed<T>>(
  options: WorkerOptions<T, R>,
): Observable<WorkerState> {
  const plan = workerPlan(options);
  return new Observable((subscriber) => {
    const stop = new AbortController();
    const onSignal = (): void => stop.abort();
    if (options.signal?.aborted === true) stop.abort();
    options.signal?.addEventListener('abort', onSignal);
    // before anything comes out: whoever has enough of the first state ends a worker that has not connected yet
    subscriber.add(() => {
      options.signal?.removeEventListener('abort', onSignal);
      stop.abort();
    });
    const refusals = new Refusals(plan.connections.config);
    const worker = new Worker<T>(
      plan.session,
      (trouble) => new RdkafkaPort({ ...plan.connections, refusals, trouble }),
      (state) => subscriber.next(state),
    );
    worker.run(stop.signal).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}
