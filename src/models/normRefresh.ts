import { SmoothingError } from '../errors.js';
import { otherKind } from '../values/smoother.js';
import { checkTensor, cloneTensor, engine, isTensor, tensorOf, type Tensor } from '../values/tensorOps.js';
import { keepContents, type LiveWeight, type Variable } from './contents.js';
import { averageCalls, normLayersOf, type LayersModel, type NormLayer } from './normLayers.js';
import { swapOf } from './swaps.js';
import { liveWeights } from './weightsOf.js';

interface Norm {
  readonly layer: NormLayer;
  /** The means of the statistics over the calls so far. */
  means: readonly Tensor[];
  calls: number;
}

/** Means of a model's batch statistics, batch by batch. The model has its own in between, and whenever something throws. */
export class NormRefresh {
  readonly #model: LayersModel;
  readonly #norms: readonly Norm[];
  readonly #weights: readonly LiveWeight[];
  readonly #swap: object | undefined;
  #batches = 0;

  constructor(model: LayersModel) {
    this.#model = model;
    const layers = normLayersOf(model);
    this.#weights = layers.length === 0 ? [] : Object.values(liveWeights(model));
    this.#norms = layers.map((layer) => {
      const means = statisticsOf(layer).map(({ size, shape }) => tensorOf(new Float32Array(size), shape));
      return { layer, means, calls: 0 };
    });
    this.#swap = swapOf(this.#weights);
  }

  /** True for a model that has nothing to refresh. */
  get isIdle(): boolean {
    return this.#norms.length === 0;
  }

  /** @returns how many batches there were */
  take(batch: unknown): number {
    const inputs = inputsOf(batch);
    this.#assertSameSwap();
    const putBack = keepContents(this.#norms.flatMap(({ layer }) => statisticsOf(layer)));
    const resets = this.#norms.map((norm) => averageCalls(norm.layer, () => ++norm.calls));
    try {
      for (const { layer, means } of this.#norms) write(statisticsOf(layer), means);
      engine().tidy(() => void this.#model.apply(inputs, { training: true }));
      for (const norm of this.#norms) {
        disposeAll(norm.means);
        norm.means = statisticsOf(norm.layer).map(cloneTensor);
      }
    } finally {
      for (const reset of resets) reset();
      putBack();
    }
    return ++this.#batches;
  }

  /** The model's statistics ← the means. */
  finish(): void {
    if (this.#batches === 0) throw new SmoothingError('MISSING_VALUE', 'data$ must have at least one batch, got none');
    this.#assertSameSwap();
    const called = this.#norms.filter(({ calls }) => calls > 0);
    const statistics = called.map(({ layer }) => statisticsOf(layer)); // throws if the model was disposed meanwhile
    called.forEach(({ means }, i) => write(statistics[i]!, means));
  }

  #assertSameSwap(): void {
    if (swapOf(this.#weights) === this.#swap) return;
    throw new SmoothingError(
      'SWAP_ACTIVE',
      'refreshNorm must be done before the weights are swapped, got a swap that began or ended meanwhile',
    );
  }

  dispose(): void {
    for (const { means } of this.#norms) disposeAll(means);
  }
}

function inputsOf(batch: unknown): Tensor | Tensor[] {
  const inputs = isTensor(batch) || Array.isArray(batch) ? batch : (batch as { xs?: unknown } | null | undefined)?.xs;
  const list: readonly unknown[] = Array.isArray(inputs) ? inputs : [inputs];
  if (list.length === 0 || !list.every(isTensor)) {
    throw otherKind('be a tensor, a list of them, or { xs } with either', batch);
  }
  for (const input of list) checkTensor(input, 'the batch', input.dtype);
  return inputs as Tensor | Tensor[];
}

const statisticsOf = ({ movingMean, movingVariance }: NormLayer): readonly Variable[] => [
  movingMean.read(),
  movingVariance.read(),
];

function write(statistics: readonly Variable[], means: readonly Tensor[]): void {
  statistics.forEach((statistic, i) => statistic.assign(means[i]!));
}

function disposeAll(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}
