import { basename } from 'node:path';

import { shown } from '../../errors.js';

/** How a file holds what a run has measured. */
export type RunFormat = 'tfevents' | 'csv' | 'jsonl' | 'parquet' | 'arrow';

const TABLES: readonly (readonly [RegExp, RunFormat])[] = [
  [/\.[ct]sv(\.gz)?$/i, 'csv'],
  [/\.(jsonl|ndjson)(\.gz)?$/i, 'jsonl'],
  [/\.parquet$/i, 'parquet'],
  [/\.(arrow|feather|ipc)$/i, 'arrow'],
];

/** Tables that loggers write under one name in each run's folder: Lightning, YOLO, Stable Baselines 3, Keras. */
const LOGGERS = /^(metrics|results|progress|log)\.[^/]+$/i;

/** The format that a file's name tells: as TensorBoard does, `tfevents` anywhere in it; null for other files. */
export function runFormat(name: string): RunFormat | null {
  if (name.includes('tfevents')) return 'tfevents';
  return TABLES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** What `runFormat` knows, for errors. */
export const ENDINGS = '.csv, .tsv, .jsonl, .ndjson, .parquet, .arrow, .feather or .ipc';

/** What is to be said of a file that `runFormat` does not know. */
export function unknownFormat(path: string): string {
  return `'${path}' must end in ${ENDINGS}, or have tfevents in its name, got ${shown(basename(path))}`;
}

/** A table's name without its extensions; '' if it has a name that loggers give, and so tells nothing beside its folder's. */
export function tableStem(name: string): string {
  if (LOGGERS.test(name)) return '';
  return TABLES.reduce((stem, [pattern]) => stem.replace(pattern, ''), name);
}
