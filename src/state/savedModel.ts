import { shown, SmoothingError } from '../errors.js';
import type { SavedArray, Snapshot } from '../types.js';
import { LOW, WEIGHT, type SavedEntry } from '../values/weights.js';
import type { SafetensorsOptions, SafetensorsWeights } from './encodeSafetensors.js';
import { lazyMap } from './lazyMap.js';
import { packed, unpacked } from './packed.js';
import type { SafetensorsArray } from './safetensorsDtypes.js';
import { corrupt, isObject } from './snapshotFormat.js';

/*
 * A ModelEma as a safetensors file: its averages under their own names, so that anything loads them as weights; in the
 * metadata what the file holds and, as JSON, all of the state that is no tensor.
 */

/** Metadata under names that begin so are the package's. */
export const OURS = 'rx-ema';
/** 'weights' or 'shadow'. */
export const HOLDS = 'rx-ema.holds';
const STATE = 'rx-ema.state';
/** Before the name of an average, for what rounding has added to it. */
const LOW_TENSOR = 'rx-ema.low/';
/** Before the name of a weight of the model whose averages these are. */
const MODEL_TENSOR = 'model/';

/** The state of a ModelEma, one array at a time. */
export interface SavedModel extends Pick<Snapshot, 'plan' | 'scalars'> {
  /** What the averages rest on. */
  readonly counters: Readonly<Record<string, Float64Array>>;
  readonly shadow: SafetensorsWeights;
  /** What rounding has added to an average of two terms. */
  readonly low: (name: string) => Float32Array | null;
}

interface StateText {
  readonly version: unknown;
  readonly plan: unknown;
  readonly scalars: unknown;
  readonly counters: unknown;
  /** The dtype that the averages were narrowed to. */
  readonly dtype?: unknown;
}

/** What a file says it holds. */
export interface Held {
  readonly holds: 'weights' | 'shadow';
  readonly weights: Record<string, SafetensorsArray>;
  readonly model: Record<string, SafetensorsArray> | undefined;
  readonly updates: number;
  readonly snapshot: () => Snapshot;
}

/** A file of a state, and of the model's own weights: what `safetensorsChunks` takes. */
export function savedFile(
  { plan, scalars, counters, shadow, low }: SavedModel,
  { dtype, model }: SafetensorsOptions & { readonly model?: SafetensorsWeights | undefined },
): { readonly tensors: SafetensorsWeights; readonly metadata: Record<string, string> } {
  const names = Object.keys(shadow);
  const twoTerm = dtype === undefined ? names.filter((name) => low(name) !== null) : [];
  type Tensor = SafetensorsWeights[string];
  const tensors: [string, () => Tensor][] = [
    ...names.map((name): [string, () => Tensor] => [name, () => shadow[name]!]),
    ...twoTerm.map((name): [string, () => Tensor] => [LOW_TENSOR + name, () => low(name)!]),
    ...Object.keys(model ?? {}).map((name): [string, () => Tensor] => [MODEL_TENSOR + name, () => model![name]!]),
  ];
  const known = new Set<string>();
  for (const [name] of tensors) {
    if (known.has(name)) {
      throw new SmoothingError(
        'NAMES_MISMATCH',
        `shadow and model must have one tensor a name in the file, got two of '${name}'`,
      );
    }
    known.add(name);
  }
  const text = {
    version: 1,
    plan,
    scalars: Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, packed(value)])),
    counters: Object.fromEntries(Object.entries(counters).map(([name, [value]]) => [name, packed(value!)])),
    ...(dtype && { dtype }),
  } satisfies StateText;
  return { tensors: lazyMap(tensors), metadata: { [HOLDS]: 'shadow', [STATE]: JSON.stringify(text) } };
}

/**
 * What a file holds, by its metadata.
 *
 * @param names - of all of its tensors
 * @param read - one of them
 * @throws SmoothingError `FILE_FORMAT` for a tensor too many or too few; `SNAPSHOT_CORRUPT`, `SNAPSHOT_VERSION` for a state
 *   that this version didn't write
 */
export function heldBy(
  names: readonly string[],
  metadata: Readonly<Record<string, string>>,
  read: (name: string) => SafetensorsArray,
): Held {
  const { [HOLDS]: holds = 'weights', [STATE]: text } = metadata;
  const mapOf = (tensors: readonly string[], prefix = '') =>
    lazyMap(tensors.map((name) => [name.slice(prefix.length), () => read(name)] as const));
  if (holds === 'weights') {
    return { holds, weights: mapOf(names), model: undefined, updates: 0, snapshot: noShadow };
  }
  if (holds !== 'shadow') throw formatOf(`${HOLDS} must be 'weights' or 'shadow', got '${holds}'`);
  const { plan, scalars, counters, dtype } = stateOf(text);
  const entries = entriesOf(scalars['entries']);
  const shadow = new Set(entries.map(({ name }) => name));
  const lows = names.filter((name) => !shadow.has(name) && name.startsWith(LOW_TENSOR));
  const models = names.filter((name) => !shadow.has(name) && name.startsWith(MODEL_TENSOR));
  const absent = [...shadow].find((name) => !names.includes(name));
  if (absent !== undefined) throw formatOf(`the file must have every average of its shadow, got none for '${absent}'`);
  if (shadow.size + lows.length + models.length < names.length) {
    const other = names.find((name) => !shadow.has(name) && !lows.includes(name) && !models.includes(name));
    throw formatOf(`the tensors must be of the shadow or the model, got '${other}' besides`);
  }
  return {
    holds,
    weights: mapOf(entries.map(({ name }) => name)),
    model: models.length === 0 ? undefined : mapOf(models, MODEL_TENSOR),
    updates: Number(counters['step']),
    snapshot: () => {
      if (dtype !== undefined) {
        throw new SmoothingError(
          'VALUE_KIND',
          `a shadow to go on from must have its full precision, got one narrowed to ${shown(dtype)}`,
        );
      }
      const shadows: [string, () => SavedArray][] = [
        ...Object.entries(counters).map(([name, value]): [string, () => SavedArray] => [
          name,
          () => Float64Array.of(value),
        ]),
        ...entries.map((entry): [string, () => SavedArray] => [
          WEIGHT + entry.name,
          () => savedAs(entry, read(entry.name)),
        ]),
        ...lows.map((name): [string, () => SavedArray] => [
          LOW + name.slice(LOW_TENSOR.length),
          () => read(name) as SavedArray,
        ]),
      ];
      return { version: 1, plan, scalars, shadows: lazyMap(shadows) };
    },
  };
}

function noShadow(): never {
  throw new SmoothingError('VALUE_KIND', "the file must hold a shadow to go on from, got a model's weights");
}

/** The format has one dtype for two classes of arrays. */
function savedAs({ type, rule }: SavedEntry, array: SafetensorsArray): SavedArray {
  const clamped = rule === 'copy' && type === 'Uint8ClampedArray' && array instanceof Uint8Array;
  return clamped ? new Uint8ClampedArray(array.buffer) : (array as SavedArray);
}

function stateOf(text: string | undefined) {
  const { version, plan, scalars, counters, dtype } = parsed<StateText>(text ?? 'null', STATE);
  if (version !== 1) {
    throw new SmoothingError('SNAPSHOT_VERSION', `${STATE} must be of version 1, got ${shown(version)}`);
  }
  if (typeof plan !== 'string') throw corrupt(`a plan that is text, got ${shown(plan)}`);
  if (!isObject(scalars) || !isObject(counters)) throw corrupt('scalars and counters by name, got none');
  const numbers = allUnpacked(counters);
  const words = Object.keys(numbers).find((name) => typeof numbers[name] !== 'number');
  if (words !== undefined) throw corrupt(`counters that are numbers, got ${shown(numbers[words])} for '${words}'`);
  return { plan, scalars: allUnpacked(scalars), counters: numbers as Record<string, number>, dtype };
}

function allUnpacked(values: object): Record<string, number | string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unpacked(name, value)]));
}

/** None before the first weights. */
function entriesOf(text: string | number | undefined): readonly SavedEntry[] {
  const entries: unknown = text === undefined ? [] : parsed(String(text), 'entries');
  if (Array.isArray(entries) && entries.every((one) => isObject(one) && typeof one['name'] === 'string')) {
    return entries as readonly SavedEntry[];
  }
  throw corrupt(`weights in its entries, got ${shown(entries)}`);
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what it holds is for the caller to say
function parsed<T extends object>(text: string, name: string): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // not JSON: the same as nothing
  }
  throw corrupt(`${name} in JSON, got ${shown(text)}`);
}

function formatOf(sentence: string): SmoothingError {
  return new SmoothingError('FILE_FORMAT', sentence);
}
