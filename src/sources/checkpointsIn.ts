import type { Dirent } from 'node:fs';

import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';
import { naturalOrder } from './naturalOrder.js';

/** Where checkpoints are: a folder, a glob, or their paths. */
export type Checkpoints = string | readonly string[];

const EXTENSION = '.safetensors';
/** Not a literal inside `import(…)`: a bundler for the browser would look for the package, and what that needs of Node. */
const globbing: { readonly name: string } = { name: 'tinyglobby' };

/** The paths of the checkpoints that are there now, those of a list whether they are there or not, in natural order. */
export async function checkpointsIn(where: Checkpoints): Promise<string[]> {
  const paths = typeof where === 'string' ? await found(where) : [...where];
  return paths.sort(naturalOrder);
}

/** The folder in which files may come; null for a glob or a list. */
export function folderOf(where: Checkpoints): string | null {
  return typeof where === 'string' && isFolder(where) ? where : null;
}

async function found(where: string): Promise<string[]> {
  const { fs, path } = modules();
  if (isFolder(where)) {
    return entriesIn(where).flatMap((entry) => {
      const own = path.join(where, entry.name);
      if (!entry.name.endsWith(EXTENSION) || entry.name.startsWith('.')) return [];
      return entry.isDirectory() || (entry.isSymbolicLink() && isFolder(own)) ? [] : [own];
    });
  }
  if (fs.existsSync(where)) return [where];
  const { glob, isDynamicPattern } = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ globbing.name
  )) as typeof import('tinyglobby');
  if (isDynamicPattern(where)) return glob(where, { expandDirectories: false });
  return where.endsWith(EXTENSION) ? [where] : []; // a file, or a folder, that is not there yet
}

function entriesIn(folder: string): Dirent[] {
  try {
    return modules().fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw failure('SOURCE_UNREADABLE', `'${folder}' must be a folder that can be read, got ${said(error)}`, error);
  }
}

function isFolder(where: string): boolean {
  return modules().fs.statSync(where, { throwIfNoEntry: false })?.isDirectory() === true;
}

const modules = () => nodeModules('fromSafetensors', 'SOURCE_UNREADABLE');
