import type { BigIntStats } from 'node:fs';

import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';
import { naturalOrder } from './naturalOrder.js';

/** A file of events, and whose it is. */
export interface EventFile {
  readonly path: string;
  /** The folder it is in, from where was looked, with forward slashes; '' for that place itself. */
  readonly run: string;
  /** Another one when something was written to it, or another file is in its place. */
  readonly state: string;
}

/**
 * The files of events in a folder and its sub-folders, as TensorBoard finds them: those with `tfevents` in their names. Links
 * are followed. Runs in natural order, and files within a run.
 *
 * @param where - a folder, or one file, whatever its name
 * @returns none where there is nothing
 * @throws SmoothingError `SOURCE_UNREADABLE` for a folder that can't be read
 */
export function eventFilesIn(where: string, caller: string): EventFile[] {
  const { fs, path } = nodeModules(caller, 'SOURCE_UNREADABLE');
  const root = statOf(where);
  if (root === null) return [];
  if (!root.isDirectory()) return [{ path: where, run: '', state: stateOf(root) }];
  const files: EventFile[] = [];
  enter(where, '', [idOf(root)]);
  return files.sort((a, b) => naturalOrder(a.run, b.run) || naturalOrder(a.path, b.path));

  /** @param above - the folders that this one is in, and itself: a link may lead back */
  function enter(folder: string, run: string, above: readonly string[]): void {
    for (const name of namesIn(folder)) {
      const own = path.join(folder, name);
      const stats = statOf(own);
      if (stats === null) continue;
      if (stats.isDirectory()) {
        const id = idOf(stats);
        if (!above.includes(id)) enter(own, run === '' ? name : `${run}/${name}`, [...above, id]);
      } else if (name.includes('tfevents')) {
        files.push({ path: own, run, state: stateOf(stats) });
      }
    }
  }

  function namesIn(folder: string): string[] {
    try {
      return fs.readdirSync(folder);
    } catch (error) {
      if (statOf(folder) === null) return []; // deleted meanwhile
      throw failure('SOURCE_UNREADABLE', `'${folder}' must be a folder that can be read, got ${said(error)}`, error);
    }
  }

  /** Null for what is not there, any more or at the end of a link. */
  function statOf(place: string): BigIntStats | null {
    try {
      return fs.statSync(place, { bigint: true });
    } catch {
      return null;
    }
  }
}

const idOf = ({ dev, ino }: BigIntStats): string => `${dev} ${ino}`;
const stateOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => `${dev} ${ino} ${size} ${mtimeNs}`;
