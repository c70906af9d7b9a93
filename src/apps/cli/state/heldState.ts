import type { Given } from '../../../options.js';
import { isSeries } from '../../../state/halves.js';
import { corrupt, savedCount } from '../../../state/saved.js';
import { makerOf } from '../../../state/snapshot.js';
import type { Snapshot } from '../../../types.js';
import type { State } from '../../../values/smoother.js';
import { listed } from '../listed.js';
import { amount } from '../worker/words.js';
import { elementRows } from './elementRows.js';
import { planWords } from './planWords.js';
import { SeriesRows } from './seriesRows.js';
import type { StateRows } from './stateRows.js';
import { weightRows } from './weightRows.js';

/** What a snapshot holds. */
export interface HeldState {
  /** In words, line by line. */
  readonly lines: readonly string[];
  readonly rows: StateRows;
}

const KINDS: Readonly<Record<string, string>> = {
  number: 'numbers',
  record: 'records',
  batch: 'record batches',
  'bands of numbers': 'numbers',
  'bands of records': 'records',
  'bands of batches': 'record batches',
  'pairs of fields': 'records',
  'pairs of columns': 'record batches',
  vector: 'typed arrays',
  tensor: 'tensors',
};

/** Reads a snapshot of any options. Throws `SNAPSHOT_CORRUPT` if it is not whole. */
export function heldState(saved: Snapshot): HeldState {
  const plan = planIn(saved.plan);
  const kind = String(saved.scalars['kind']);
  const rows = rowsOf(saved, kind, plan);
  const stat = plan['stat'] as string | undefined;
  const maker = `${makerOf(plan)}${stat === undefined ? '' : ` (${stat})`}`;
  const of = kind === 'none' ? ', to which nothing has come' : kind === 'weights' ? '' : ` of ${KINDS[kind]}`;
  const names = rows instanceof SeriesRows && rows.names?.length ? [`columns: ${listed(rows.names)}`] : [];
  const count = rows.of === null ? [] : [amount(rows.count, rows.of)];
  return { lines: [maker + of, planWords(plan), counts(saved, kind), ...names, ...count], rows };
}

function planIn(text: unknown): Given {
  try {
    const plan: unknown = JSON.parse(String(text));
    if (typeof plan === 'object' && plan !== null) return plan as Given;
  } catch {
    // not JSON: the same as nothing
  }
  throw corrupt('no readable plan');
}

function rowsOf(saved: State, kind: string, plan: Given): StateRows {
  if (isSeries(kind)) return new SeriesRows(saved, kind, plan);
  if (kind === 'weights') return weightRows(saved);
  if (kind === 'none') return NO_ROWS;
  if (!Object.hasOwn(KINDS, kind)) throw corrupt(`a state of kind '${kind}'`);
  return elementRows(saved, kind);
}

const NO_ROWS: StateRows = { of: null, count: 0, heads: [], nameOf: String, cellsOf: () => [], recordOf: () => ({}) };

function counts(saved: State, kind: string): string {
  if (kind === 'weights')
    return `updates ${Number(saved.shadows['step']?.[0])}, refused ${savedCount(saved, 'refused')}`;
  const more = ['late', 'dropped'].filter((name) => name in saved.scalars);
  return ['seen', ...more].map((name) => `${name} ${savedCount(saved, name)}`).join(', ');
}
