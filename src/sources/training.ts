import { Observable, type Subscriber } from 'rxjs';

/** What tfjs logs for one batch: the loss, and a number for each metric the model was compiled with. */
export interface FitLogs {
  readonly loss: number;
  readonly [metric: string]: number;
}

/** One training step. */
export interface FitStep {
  /** Epoch the batch belongs to, from 1; with `initialEpoch: k` from k + 1. */
  readonly epoch: number;
  /** Batches trained since the subscription, from 1, over all epochs. */
  readonly step: number;
  /** When the step ended: ms since the Unix epoch, with fractions; never runs backwards within a process. */
  readonly atMs: number;
  /** Without tfjs's `batch` and `size`, which are no metrics. */
  readonly logs: FitLogs;
}

/** What `fromFit` needs of a model: a `tf.LayersModel` of any copy of tfjs is one. */
export interface FitModel {
  fit(xs: never, ys: never, options?: never): Promise<unknown>;
  stopTraining: boolean;
}

/** What `fitDataset` needs of a model: a `tf.LayersModel` of any copy of tfjs is one. */
export interface DatasetModel {
  fitDataset(dataset: never, options: never): Promise<unknown>;
  stopTraining: boolean;
}

type RawLogs = Readonly<Record<string, number | { data(): Promise<ArrayLike<number>> }>>;

/** Leaves tfjs before its first batch, where it would still reset `stopTraining`; never seen outside. */
const STOPPED: unique symbol = Symbol('training stopped');

/** Unsubscribed runs that may still be finishing a batch, by model: tfjs trains a model once at a time. */
const stopping = new WeakMap<object, Promise<void>>();

/** Twenty times a second a live reader gets its turn: its timers, its sockets, Ctrl-C. */
const YIELD_EVERY_MS = 50;

/**
 * Training as an Observable: `train` runs once per subscription, with options whose callbacks emit.
 *
 * @internal
 */
export function fromTraining(
  model: { stopTraining: boolean },
  options: object,
  train: (options: object, subscriber: Subscriber<FitStep>) => Promise<unknown>,
): Observable<FitStep> {
  return new Observable((subscriber) => {
    let active = false;
    let begun = false;
    const onTrainBegin = () => {
      if (subscriber.closed) throw STOPPED;
      begun = true;
    };

    const run = async () => {
      await Promise.resolve(); // `takeUntil` completes before it tears down: whoever resubscribes in `complete` is a moment early
      await stopping.get(model);
      if (subscriber.closed) return;
      active = true;
      try {
        await train(withCallbacks(options, subscriber, onTrainBegin), subscriber);
        active = false;
        subscriber.complete();
      } catch (error) {
        active = false;
        if (error !== STOPPED) subscriber.error(error);
      }
    };
    const ended = run();

    return () => {
      if (!active) return;
      if (begun) model.stopTraining = true; // not before: another subscription's run may be the one in progress
      stopping.set(model, ended);
    };
  });
}

/** The user's options, quiet and yielding, with the emitting callbacks behind the user's own. */
function withCallbacks(options: object, subscriber: Subscriber<FitStep>, onTrainBegin: () => void): object {
  const given: { callbacks?: unknown; yieldEvery?: unknown } = { yieldEvery: YIELD_EVERY_MS, ...options };
  const users: readonly unknown[] = given.callbacks == null ? [] : [given.callbacks].flat();
  // tfjs yields for plain callbacks only, and an array that begins with Callback objects may hold nothing else
  const pause = isCallback(users[0]) ? pauses(given.yieldEvery) : undefined;
  let epoch = 0;
  let step = 0;

  const emitting = {
    setParams() {},
    setModel() {},
    onTrainBegin,
    onEpochBegin(index: number) {
      if (subscriber.closed) throw STOPPED; // tfjs resets stopTraining behind onTrainBegin
      epoch = index + 1;
    },
    onBatchBegin() {},
    async onBatchEnd(_batch: number, raw: RawLogs) {
      if (subscriber.closed) return;
      const logs = await metricsOf(raw);
      step++;
      subscriber.next({ epoch, step, atMs: performance.timeOrigin + performance.now(), logs });
      await pause?.('batch');
    },
    async onEpochEnd() {
      await pause?.('epoch');
    },
    onTrainEnd() {},
  };
  return { verbose: 0, ...given, callbacks: [...users, emitting] };
}

/** A `tf.Callback`, as against a plain object of functions. */
function isCallback(value: unknown): boolean {
  return typeof (value as { setParams?: unknown } | undefined)?.setParams === 'function';
}

/** Plain callbacks get numbers; beside Callback objects the scalars may still be tensors, which tfjs disposes later. */
async function metricsOf(raw: RawLogs): Promise<FitLogs> {
  const logs: Record<string, number> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name === 'batch' || name === 'size') continue;
    logs[name] = typeof value === 'number' ? value : (await value.data())[0]!;
  }
  return logs as { loss: number };
}

/** What tfjs's `yieldEvery` means, for runs where tfjs would not yield at all. */
function pauses(yieldEvery: unknown): (after: 'batch' | 'epoch') => Promise<void> {
  const everyMs = yieldEvery === 'auto' ? YIELD_EVERY_MS : yieldEvery;
  let last = performance.now();
  return async (after) => {
    const due = typeof everyMs === 'number' ? performance.now() - last >= everyMs : everyMs === after;
    if (!due) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
