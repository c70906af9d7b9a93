import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { said } from '../../failure.js';
import { naturalOrder } from '../../sources/naturalOrder.js';
import { ENDINGS, runFormat, tableStem, unknownFormat, type RunFormat } from './runFormat.js';
import type { RunRoot } from './runRoots.js';

/** A file that holds what a run has measured. */
export interface RunFile {
  readonly path: string;
  readonly format: RunFormat;
  /** Files of one place are of one run: the folder of files of events, a table itself. */
  readonly place: string;
  /** What the run may be called: the first that no other place has. */
  readonly names: readonly string[];
  /** Another one when something was written to it, or another file is in its place. */
  readonly state: string;
}

/** What there is to read in some places. */
export interface RunFiles {
  /** In natural order of the paths; those of events first, for a table gives way to them. */
  readonly files: readonly RunFile[];
  /** Those that something came to, or went from, most lately are last. */
  readonly folders: readonly string[];
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** Of a workspace they link to one another, so that there would be as many ways through them as packages have orders. */
const PACKAGES = 'node_modules';

/**
 * The files of runs in these places and in all of their folders, but for those whose names begin with a dot, and `node_modules`.
 * Links are followed.
 *
 * @param waits - there may be nothing yet: else that is a problem
 */
export async function runFilesIn(roots: readonly RunRoot[], waits: boolean): Promise<RunFiles> {
  const found = new Map<string, RunFile>();
  let seen = 0;
  const folders = new Map<string, bigint>();
  const problems: { path: string; problem: string }[] = [];

  for (const root of roots) {
    const before = seen;
    const stats = await statOf(root.path);
    const isFolder = stats?.isDirectory() === true;
    if (isFolder) await enter(root, root.path, '', [idOf(stats)]);
    else if (stats !== null) take(root.path, stats, namesOfFile(root));
    folders.set(isFolder ? root.path : dirname(root.path), stats?.mtimeNs ?? 0n);
    if (stats !== null && !isFolder && runFormat(basename(root.path)) === null)
      tell(root.path, unknownFormat(root.path));
    else if (stats === null && !waits) tell(root.path, `'${root.path}' does not exist`);
    else if (isFolder && !waits && seen === before) {
      tell(root.path, `'${root.path}' must hold files of ${ENDINGS}, or with tfevents in their names, got none`);
    }
  }
  const files = [...found.values()].sort((a, b) => rank(a) - rank(b) || naturalOrder(a.path, b.path));
  const latest = [...folders.keys()].sort((a, b) => Number(folders.get(a)! - folders.get(b)!));
  return { files, folders: latest, problems };

  /**
   * @param inRoot - the folder's path in its root, with forward slashes
   * @param above - the folders that it is in, and itself: a link may lead back
   */
  async function enter(root: RunRoot, folder: string, inRoot: string, above: readonly string[]): Promise<void> {
    const names = (await namesIn(folder)).filter((name) => !name.startsWith('.') && name !== PACKAGES);
    const all = await Promise.all(names.map((name) => statOf(join(folder, name))));
    for (const [i, name] of names.entries()) {
      const stats = all[i];
      if (stats == null) continue;
      const own = join(folder, name);
      const id = idOf(stats);
      if (!stats.isDirectory()) take(own, stats, namesOf(root, inRoot, name));
      else if (!above.includes(id)) {
        folders.set(own, stats.mtimeNs);
        await enter(root, own, inRoot === '' ? name : `${inRoot}/${name}`, [...above, id]);
      }
    }
  }

  function take(path: string, stats: BigIntStats, names: readonly string[]): void {
    const format = runFormat(basename(path));
    if (format === null) return;
    seen += 1;
    if (found.has(path)) return; // in a folder and given, too
    const place = format === 'tfevents' ? dirname(path) : path;
    found.set(path, { path, format, place, names: [...names, path], state: stateOf(stats) });
  }

  function tell(path: string, problem: string): void {
    problems.push({ path, problem });
  }

  async function namesIn(folder: string): Promise<readonly string[]> {
    try {
      return await readdir(folder);
    } catch (error) {
      if ((await statOf(folder)) !== null) {
        tell(folder, `'${folder}' must be a folder that can be read, got ${said(error)}`);
      }
      return []; // or it was deleted meanwhile
    }
  }
}

/** What a file in a folder may be called: by its folder, or by itself; with its extension where another has that name. */
function namesOf({ label, prefix }: RunRoot, inRoot: string, name: string): string[] {
  const stem = runFormat(name) === 'tfevents' ? '' : tableStem(name);
  const folder = inRoot === '' ? label : prefix + inRoot;
  const within = inRoot === '' ? prefix : `${prefix}${inRoot}/`;
  return [stem === '' ? folder : within + stem, within + name];
}

/** The same of a file that was given. */
function namesOfFile({ path, label }: RunRoot): string[] {
  const name = basename(path);
  const isFolders = runFormat(name) === 'tfevents' || tableStem(name) === '';
  return [label, isFolders ? `${label}/${name}` : label.replace(/[^/]*$/, () => name)];
}

const rank = ({ format }: RunFile): number => (format === 'tfevents' ? 0 : 1);
const idOf = ({ dev, ino }: BigIntStats): string => `${dev} ${ino}`;
const stateOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => `${dev} ${ino} ${size} ${mtimeNs}`;

/** Null for what is not there, any more or at the end of a link. */
async function statOf(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, { bigint: true });
  } catch {
    return null;
  }
}
