import { grown } from '../kernels/law.js';
import type { Key } from '../types.js';
import type { State } from '../values/smoother.js';
import type { MergePlan } from './mergePlan.js';
import { corrupt, savedArray, savedCount, savedJson, savedKeys, savedTable } from './saved.js';

/** How a kind of state has its columns. */
export interface SeriesKind {
  /** What they are called: there is but one, names, or names with types. */
  readonly columns: 'one' | 'names' | 'types';
  /** So many come to one table of slots. */
  readonly perTable: number;
}

/** By kind of state. */
export const SERIES_KINDS: Readonly<Record<string, SeriesKind>> = {
  number: { columns: 'one', perTable: 1 },
  record: { columns: 'names', perTable: 1 },
  batch: { columns: 'types', perTable: 1 },
  'bands of numbers': { columns: 'one', perTable: 1 },
  'bands of records': { columns: 'names', perTable: 1 },
  'bands of batches': { columns: 'types', perTable: 1 },
  'pairs of fields': { columns: 'one', perTable: 1 },
  'pairs of columns': { columns: 'types', perTable: 2 },
};

/** True if a state of this kind is columns of numbers. */
export const isSeries = (kind: string): boolean => Object.hasOwn(SERIES_KINDS, kind);

/** A half of a stream: slots by column and key. */
export interface Half {
  /** By `idOf`, in their order. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly keys: readonly Key[];
  /** Table by table, a slot for each key. */
  readonly slots: Float64Array;
  /** Two words by key: its newest stamp, NaN where nothing has come. */
  readonly stamps: Float64Array;
  /** By key, where gaps age: rows, gaps among them. */
  readonly rows: Float64Array;
  /** Of batches, all of their rows, and the columns that tell whose, when and how much. */
  readonly total: number;
  readonly roles: string | null;
  readonly dropped: number;
  readonly late: number;
}
/** The columns that come to one table. */
export type Group = readonly string[];

/** Reads a half. Throws `SNAPSHOT_CORRUPT` if it is not whole. */
export function halfOf(saved: State, own: SeriesKind, plan: MergePlan): Half {
  const { law, keyed, ages, attended, shares } = plan;
  const total = savedCount(saved, own.columns === 'types' && saved.scalars['kind'] !== 'none' ? 'rows' : 'seen');
  if (saved.scalars['kind'] === 'none') return emptyHalf(total, own, plan);
  const groups = savedGroups(saved, own);
  const keys = keyed ? savedKeys(saved) : [null];
  if (new Set(keys).size < keys.length) throw corrupt('a key twice');
  const rows = keyed && ages ? savedArray(saved, 'rows', Float64Array, keys.length) : Float64Array.of(total);
  if (!rows.every((count) => Number.isSafeInteger(count) && count >= 0)) throw corrupt("no counts for 'rows'");
  return {
    groups,
    keys,
    slots: savedTable(saved, law.fields, groups.size * keys.length, shares),
    stamps: attended ? savedArray(saved, 'stamps', Float64Array, 2 * keys.length) : Float64Array.of(NaN, NaN),
    rows,
    total,
    roles: own.columns === 'types' ? savedRoles(saved) : null,
    dropped: attended ? savedCount(saved, 'dropped') : 0,
    late: attended ? savedCount(saved, 'late') : 0,
  };
}

/** A half in which so many values have come that were missing, and nothing else. With keys they are nobody's. */
function emptyHalf(gaps: number, { columns }: SeriesKind, { law, keyed, ages }: MergePlan): Half {
  const groups = byId(columns === 'one' ? [ONE] : []);
  const keys = keyed ? [] : [null];
  return {
    groups,
    keys,
    slots: grown(law, groups.size * keys.length),
    stamps: Float64Array.of(NaN, NaN),
    rows: Float64Array.of(gaps),
    total: ages ? gaps : 0,
    roles: null,
    dropped: 0,
    late: 0,
  };
}

const ONE: Group = [''];
/** Two are one if their names, or names with types, are the same. */
export const idOf = (group: Group): string => JSON.stringify(group);
const byId = (groups: readonly Group[]): Half['groups'] => new Map(groups.map((group) => [idOf(group), group]));

function savedGroups(saved: State, { columns, perTable }: SeriesKind): Half['groups'] {
  if (columns === 'one') return byId([ONE]);
  const names = savedJson<readonly unknown[]>(saved, 'columns');
  if (!Array.isArray(names) || names.length % perTable > 0 || !names.every((name) => typeof name === 'string')) {
    throw corrupt("no list of names for 'columns'");
  }
  const groups = Array.from({ length: names.length / perTable }, (_, i) =>
    names.slice(i * perTable, (i + 1) * perTable),
  );
  const known = byId(groups);
  if (known.size < groups.length) throw corrupt('a column twice');
  return known;
}

function savedRoles({ scalars }: State): string {
  const { roles } = scalars;
  if (typeof roles === 'string') return roles;
  throw corrupt("nothing for 'roles'");
}
