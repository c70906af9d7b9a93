import { shown, SmoothingError } from '../errors.js';
import type { SavedArray, Snapshot } from '../types.js';
import { LOW, WEIGHT, type SavedEntry } from '../values/weights.js';
import { lazyMap } from './lazyMap.js';
import { unpacked } from './packed.js';
import type { SafetensorsArray } from './safetensorsDtypes.js';
import type { Layout } from './safetensorsLayout.js';
import { HOLDS, LOW_TENSOR, MODEL_TENSOR, STATE } from './savedModel.js';
import { corrupt, isObject } from './snapshotFormat.js';

type WeightsRead = Record<string, SafetensorsArray>;

/** What a file holds, its tensors read when they are asked for. */
export interface Held {
  readonly holds: 'weights' | 'shadow';
  readonly weights: WeightsRead;
  readonly model: WeightsRead | undefined;
  readonly updates: number;
  readonly snapshot: () => Snapshot;
}

interface SavedState extends Pick<Snapshot, 'plan' | 'scalars'> {
  readonly counters: Readonly<Record<string, number>>;
}

/**
 * What a file holds, by its metadata: what `savedFile` made of a ModelEma, or weights.
 *
 * @param read - one of the tensors
 * @throws SmoothingError `FILE_FORMAT` for a tensor too many or too few; `SNAPSHOT_CORRUPT`, `SNAPSHOT_VERSION` for a state
 *   that this version didn't write
 */
export function heldIn({ tensors, metadata }: Layout, read: (name: string) => SafetensorsArray): Held {
  const mapOf = (names: readonly string[], prefix = ''): WeightsRead =>
    lazyMap(names.map((name) => [name.slice(prefix.length), () => read(name)] as const));
  const names = tensors.map(({ name }) => name);
  const { [HOLDS]: holds = 'weights', [STATE]: text } = metadata;
  if (holds === 'weights') return { holds, weights: mapOf(names), model: undefined, updates: 0, snapshot: noShadow };
  if (holds !== 'shadow') throw formatOf(`${HOLDS} must be 'weights' or 'shadow', got '${holds}'`);

  const state = stateOf(text);
  const entries = entriesOf(state);
  const shadow = new Set(entries.map(({ name }) => name));
  const others = names.filter((name) => !shadow.delete(name));
  for (const name of shadow) throw formatOf(`the file must have each average of its shadow, got none for '${name}'`);
  const lows = others.filter((name) => name.startsWith(LOW_TENSOR));
  const models = others.filter((name) => name.startsWith(MODEL_TENSOR));
  const stranger = others.find((name) => !name.startsWith(LOW_TENSOR) && !name.startsWith(MODEL_TENSOR));
  if (stranger !== undefined) throw formatOf(`tensors must be of the shadow or the model, got '${stranger}' besides`);
  return {
    holds,
    weights: mapOf(entries.map(({ name }) => name)),
    model: models.length === 0 ? undefined : mapOf(models, MODEL_TENSOR),
    updates: Number(state.counters['step']),
    snapshot: () => {
      const averages = new Set(entries.map(({ name }) => name));
      const narrow = tensors.find(({ name, dtype }) => averages.has(name) && /^B?F16$/.test(dtype));
      if (narrow !== undefined) throw narrowShadow(narrow.dtype);
      return snapshotOf(state, entries, lows, read);
    },
  };
}

function snapshotOf(
  { plan, scalars, counters }: SavedState,
  entries: readonly SavedEntry[],
  lows: readonly string[],
  read: (name: string) => SafetensorsArray,
): Snapshot {
  const shadows = new Map<string, () => SavedArray>();
  for (const [name, value] of Object.entries(counters)) shadows.set(name, () => Float64Array.of(value));
  for (const entry of entries) shadows.set(WEIGHT + entry.name, () => savedAs(entry, read(entry.name)));
  for (const name of lows) shadows.set(LOW + name.slice(LOW_TENSOR.length), () => read(name));
  return { version: 1, plan, scalars, shadows: lazyMap(shadows) };
}

/** The format has one dtype for two classes of arrays. */
function savedAs({ type, rule }: SavedEntry, array: SafetensorsArray): SavedArray {
  const clamped = rule === 'copy' && type === 'Uint8ClampedArray' && array instanceof Uint8Array;
  return clamped ? new Uint8ClampedArray(array.buffer) : array;
}

function stateOf(text: string | undefined): SavedState {
  const { version, plan, scalars, counters } = parsed(text, STATE) as Readonly<Record<string, unknown>>;
  if (version !== 1) {
    throw new SmoothingError('SNAPSHOT_VERSION', `${STATE} must be of version 1, got ${shown(version)}`);
  }
  if (typeof plan !== 'string') throw corrupt(`a plan that is text, got ${shown(plan)}`);
  if (!isObject(scalars) || !isObject(counters)) throw corrupt('scalars and counters by name, got none');
  const numbers = allUnpacked(counters);
  const word = Object.values(numbers).find((value) => typeof value !== 'number');
  if (word !== undefined) throw corrupt(`counters that are numbers, got ${shown(word)}`);
  return { plan, scalars: allUnpacked(scalars), counters: numbers as Record<string, number> };
}

function allUnpacked(values: object): Record<string, number | string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unpacked(name, value)]));
}

/** None before the first weights. */
function entriesOf({ scalars: { kind, entries: text } }: SavedState): readonly SavedEntry[] {
  const entries = kind === 'none' ? [] : parsed(text, 'entries');
  if (Array.isArray(entries) && entries.every((one) => isObject(one) && typeof one['name'] === 'string')) {
    return entries as readonly SavedEntry[];
  }
  throw corrupt(`weights in its entries, got ${shown(entries)}`);
}

function parsed(text: string | number | undefined, name: string): object {
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // not JSON: the same as nothing
  }
  throw corrupt(`${name} in JSON, got ${shown(text)}`);
}

function noShadow(): never {
  const must = 'the file must hold a shadow to go on from ({ shadow: weights, updates: 0 } starts from weights)';
  throw new SmoothingError('VALUE_KIND', `${must}, got a model's weights`);
}

function narrowShadow(dtype: string): SmoothingError {
  const message = `a shadow to go on from must have its full precision, got one narrowed to ${dtype}`;
  return new SmoothingError('VALUE_KIND', message);
}

function formatOf(sentence: string): SmoothingError {
  return new SmoothingError('FILE_FORMAT', sentence);
}
