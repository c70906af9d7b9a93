import { basename, dirname, join, normalize, resolve, sep } from 'node:path';

import { runFormat, tableStem } from './runFormat.js';

/** A path that was given, and what the runs in it are called. */
export interface RunRoot {
  /** As it was given, without detours. */
  readonly path: string;
  /** What tells it from the others, with forward slashes. */
  readonly label: string;
  /** What the names of runs in its sub-folders begin with; '' for nothing. */
  readonly prefix: string;
}

/**
 * What runs are called whose paths were given: a folder's or a table's by its name, a file's that has the name of a logger by
 * its folder's; of several that would have the same name, by as much of the end of their paths as tells them apart.
 *
 * @param paths - of folders and files, there or not
 */
export function runRoots(paths: readonly string[]): RunRoot[] {
  const different = [...new Map(paths.map((path) => [resolve(path), normalize(path)])).values()];
  const parts = different.map((path) => named(resolve(path)).split(sep));
  const isOnly = different.length === 1;
  return different.map((path, i) => {
    const label = shortest(
      parts[i]!,
      parts.filter((_, k) => k !== i),
    );
    return { path, label, prefix: isOnly ? '' : `${label}/` };
  });
}

/** What a place is known by: a path without a table's extension, or that of the folder. */
function named(path: string): string {
  const name = basename(path);
  const format = runFormat(name);
  if (format === null) return path;
  const stem = format === 'tfevents' ? '' : tableStem(name);
  return stem === '' ? dirname(path) : join(dirname(path), stem);
}

/** As many parts from the end as no other has that is another place. */
function shortest(own: readonly string[], all: readonly (readonly string[])[]): string {
  const others = all.filter((other) => other.join('/') !== own.join('/'));
  for (let count = 1; count < own.length; count++) {
    const end = own.slice(-count).join('/');
    if (!others.some((other) => other.slice(-count).join('/') === end)) return end;
  }
  return own.join('/');
}
