import { SmoothingError } from './errors.js';
import { assertNoSwap } from './models/swaps.js';
import { attributesOf } from './models/attributes.js';
import { bad } from './options.js';
import { resolveModelEma, type ModelEmaOptions, type ModelPlan } from './modelOptions.js';
import { advance, noWeight, settle, STEP, WEIGHT, type Rate } from './recurrence/weight.js';
import { planText } from './state/planText.js';
import { corrupt, savedCount, savedJson, savedTable } from './state/saved.js';
import type { SavedModel } from './state/savedModel.js';
import { loadSnapshot, snapshotOf } from './state/snapshot.js';
import { arraysOf } from './state/stateOf.js';
import type { Snapshot, TensorLike, WeightMap } from './types.js';
import type { Readout } from './values/smoother.js';
import type { Weight } from './values/weight.js';
import { Weights } from './values/weights.js';

/** `'copy'`: the first weights are copied and are not a step. `'empty'`: they are step 1 (bias-corrected). */
type From = 'copy' | 'empty';

/**
 * The averaged weights of a model ("shadow", Polyak averaging), without a stream. The same engine that `modelEma` runs.
 *
 * The first weights are copied and are not a step; update n from 1 moves every averaged weight by
 * shadow ← shadow + (1 − d(n))·(weight − shadow). Weights are matched by name. Floats are averaged and the rest is
 * copied, unless `rule` says otherwise. Elements that are not finite are left out of the update and counted in `refused`; an
 * element of the shadow that is not finite takes the next finite value. An array that says its shape (`array.shape`, as those
 * read from files do) hands it on.
 *
 * @typeParam W - tfjs tensors, or typed arrays
 * @example
 * ```ts
 * import { ModelEma } from 'rx-ema';
 * const ema = new ModelEma<Float32Array>({ decay: 0.9 });
 * ema.update({ w: Float32Array.of(0), steps: Float32Array.of(1) });
 * const { w } = ema.update({ w: Float32Array.of(1), steps: Float32Array.of(2) });
 * console.log(w![0]!.toFixed(3), ema.updates);
 * // => 0.100 1
 * ```
 * @see ultralytics/yolov5 `ModelEMA`; `modelEma` for streams; `withEmaWeights` to evaluate with the shadow
 */
export class ModelEma<W = TensorLike> {
  readonly #plan: ModelPlan;
  readonly #text: string;
  #from: From = 'copy';
  #weights: Weights | null = null;
  readonly #state = noWeight();
  #refused = 0;
  #attributes: Readonly<Record<string, unknown>> = {};
  #lease: object | null = null;
  #disposed = false;

  /**
   * @param options - exactly one of `decay`, `alpha`, `halfLife`, `tau`; here decay 1 freezes
   * @param from - a snapshot made under the same options, or a shadow and the number of updates it has seen (copied)
   * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` for the options;
   * `SNAPSHOT_VERSION`, `SNAPSHOT_OPTIONS`, `SNAPSHOT_CORRUPT` for the snapshot
   */
  constructor(
    options: ModelEmaOptions<W>,
    from?: Snapshot | { readonly shadow: WeightMap<W>; readonly updates: number },
  ) {
    this.#plan = resolveModelEma(options);
    this.#text = planText(options, { missing: 'skip', stepsPerUpdate: 1, rule: 'floats', compensated: false });
    if (from === undefined) return;
    if (typeof from === 'object' && from !== null && 'shadow' in from) this.#continue(from.shadow, from.updates);
    else if (typeof from === 'object' && from !== null && !('version' in from || ArrayBuffer.isView(from))) {
      const must = 'be a snapshot (of a file: readSafetensors(path).snapshot) or { shadow, updates }';
      throw bad('from', must, from);
    } else this.#resume(from);
  }

  /** Updates done; the copied first weights are none. */
  get updates(): number {
    return this.#state[STEP]!;
  }

  /** Elements of updates that were not finite and so were left out. */
  get refused(): number {
    this.#refused += this.#weights?.refusedMeanwhile() ?? 0;
    return this.#refused;
  }

  /** The averages, live: they change with the next update. Empty before the first weights. */
  get shadow(): WeightMap<W> {
    return (this.#weights?.shadow ?? {}) as WeightMap<W>;
  }

  /** What `copyAttributes` copied. */
  get attributes(): Readonly<Record<string, unknown>> {
    return this.#attributes;
  }

  /**
   * Takes the weights after a training step (or after `stepsPerUpdate` of them) in.
   *
   * @param weights - by name; read at once, never changed or disposed. One is asked for at a time, so getters may read
   * them from a file
   * @returns the shadow itself, or with `emit: 'copy'` a copy that is the receiver's
   * @throws SmoothingError with nothing changed: `NAMES_MISMATCH`, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `VALUE_KIND`,
   * `TENSOR_DISPOSED`, `TFJS_ENGINE`, `SCHEDULE_RANGE`, `MISSING_VALUE`, `SWAP_ACTIVE`, `DISPOSED`, and what getters throw. A
   * getter that gave its weight to be checked and throws when it is to be averaged leaves no whole shadow: the ModelEma is
   * disposed
   */
  update(weights: WeightMap<W>): WeightMap<W> {
    this.#assertLive();
    const given = weights as unknown as Readonly<Record<string, Weight>>;
    waitForSwap(this.shadow);
    if (this.#weights === null) {
      this.#start(given);
    } else {
      this.#weights.check(given, waitForSwap);
      this.#move(this.#weights, given, this.#plan.rateAt(this.updates + 1));
    }
    return (this.#plan.emit === 'copy' ? this.#weights!.copies() : this.#weights!.shadow) as unknown as WeightMap<W>;
  }

  #start(given: Readonly<Record<string, Weight>>): void {
    const weights = Weights.for(given, this.#plan, waitForSwap);
    if (this.#from === 'empty') {
      const rate = this.#plan.rateAt(1);
      weights.clear(given);
      this.#weights = weights;
      this.#move(weights, given, rate);
    } else {
      weights.copyFrom(given);
      this.#weights = weights;
      settle(this.#state);
    }
  }

  #move(weights: Weights, given: Readonly<Record<string, Weight>>, rate: Rate): void {
    try {
      this.#refused += weights.move(given, advance(this.#state, 0, rate, this.#plan));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #continue(shadow: WeightMap<W>, updates: number): void {
    if (!(Number.isSafeInteger(updates) && updates >= 0)) {
      throw new SmoothingError('OPTION_VALUE', `updates must be an integer >= 0, got ${String(updates)}`);
    }
    this.#start(shadow as unknown as Readonly<Record<string, Weight>>);
    this.#state[STEP] = updates;
  }

  /**
   * Copies plain attributes of a model (yolov5's `update_attr`): strings, numbers, booleans, null, and arrays and plain
   * objects of them. They travel in the snapshot.
   *
   * @param from - the model
   * @param names - `include`: only these, and each must be there and plain; `exclude`: not these. Names that start with
   * `_` are never copied
   * @throws SmoothingError `OPTION_VALUE` if an included name is not there or not plain
   */
  copyAttributes(from: object, names: { include?: readonly string[]; exclude?: readonly string[] } = {}): void {
    this.#attributes = { ...this.#attributes, ...attributesOf(from, names) };
  }

  /** The state as plain data of its own; `new ModelEma(options, snapshot)` goes on from it. */
  snapshot(): Snapshot {
    const { plan, scalars, counters } = this.saved();
    const shadows = { ...Object.fromEntries(this.#weights?.arrays() ?? []), ...counters };
    return snapshotOf(plan, scalars, { scalars: {}, shadows });
  }

  /** @internal The same piece by piece: the averages, and what rounding has added to each. Live. */
  saved(): SavedModel {
    this.#assertLive();
    const own = {
      kind: this.#weights === null ? 'none' : 'weights',
      from: this.#from,
      refused: this.refused,
      attributes: JSON.stringify(this.#attributes),
    };
    return {
      plan: this.#text,
      scalars: this.#weights === null ? own : { ...own, entries: this.#weights.entries() },
      counters: arraysOf(WEIGHT, [this.#state]),
      shadow: this.shadow as SavedModel['shadow'],
      low: (name) => this.#weights?.low(name) ?? null,
    };
  }

  #resume(from: Snapshot): void {
    const saved = loadSnapshot(from, this.#text);
    const { kind, from: start } = saved.scalars;
    if (start !== 'copy' && start !== 'empty') throw corrupt(`a start of '${String(start)}'`);
    if (kind !== 'none' && kind !== 'weights') throw corrupt(`a state of kind '${String(kind)}'`);
    this.#from = start;
    this.#state.set(savedTable(saved, WEIGHT, 1));
    this.#refused = savedCount(saved, 'refused');
    this.#attributes = savedJson(saved, 'attributes');
    if (kind === 'weights') this.#weights = Weights.load(saved, this.#plan);
  }

  /** Forgets everything but the options: the next weights are the first again. */
  reset(): void {
    this.#weights?.dispose();
    this.#weights = null;
    this.#state.set(noWeight());
    this.#refused = 0;
    this.#attributes = {};
    if (this.#lease === null) this.#from = 'copy';
  }

  /** Releases the shadow's tensors. Not to be used again. */
  dispose(): void {
    this.reset();
    this.#disposed = true;
  }

  #assertLive(): void {
    if (this.#disposed) throw new SmoothingError('DISPOSED', 'the ModelEma must be live, got a disposed one');
  }

  /** @internal True if what was emitted is lent until the next delivery has returned. */
  get lends(): boolean {
    return this.#plan.emit !== 'copy';
  }

  /** @internal The shadow is one map: nothing is lent besides. */
  release(): void {}

  /** @internal One live subscription at a time, until it calls what this returns, and one way to start. */
  acquire(readout: Readout): () => void {
    const lease = {};
    if (this.#lease !== null) {
      throw new SmoothingError('STATE_IN_USE', 'a ModelEma must have one live subscription, got a second one');
    }
    const from = readout === 'corrected' ? 'empty' : 'copy';
    if (this.#weights === null) this.#from = from;
    if (this.#from !== from) {
      const [had, got] = this.#from === 'empty' ? ['with', 'without'] : ['without', 'with'];
      throw new SmoothingError(
        'STATE_STARTED',
        `a ModelEma must go on as it started, ${had} biasCorrected() behind it, got one ${got} it`,
      );
    }
    this.#lease = lease;
    return () => {
      if (this.#lease !== lease) return;
      this.#lease = null;
      if (this.#weights === null) this.#from = 'copy';
    };
  }

  /** @internal Ends a subscription's own engine: a lent shadow stays the receiver's, unless it ended in error. */
  end(failed: boolean): void {
    this.#weights?.dispose(!failed && this.lends);
    this.#weights = null;
    this.#disposed = true;
  }
}

/** The shadow, or a weight. */
function waitForSwap(part: object): void {
  assertNoSwap([part], 'an update must wait for the end of a swap');
}
