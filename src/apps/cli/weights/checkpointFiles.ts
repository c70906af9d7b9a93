import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';

import { SmoothingError } from '../../../errors.js';
import { failure } from '../../../failure.js';
import { checkpointsIn } from '../../../sources/checkpointsIn.js';
import { readSafetensors, type SafetensorsFile } from '../../../sources/readSafetensors.js';
import { say } from '../say.js';
import { UsageError } from '../usageError.js';
import { MADE_BY } from './madeBy.js';

/** A checkpoint whose header has been read. */
export interface CheckpointFile {
  readonly path: string;
  readonly file: SafetensorsFile;
}

/**
 * The checkpoints that there are, in natural order. What this command wrote is no checkpoint: neither the file that is about to
 * be replaced, nor one of another name beside it.
 *
 * @throws UsageError for a part of a model; SmoothingError `SOURCE_UNREADABLE` if a place or all of them hold none, `FILE_FORMAT`
 */
export async function checkpointFiles(where: readonly string[], output: string): Promise<CheckpointFile[]> {
  const found = new Set<string>();
  for (const place of where) {
    const paths = await checkpointsIn(place);
    if (paths.length === 0) throw none(place);
    for (const path of paths) found.add(path);
  }
  const files: CheckpointFile[] = [];
  for (const path of await checkpointsIn([...found])) {
    if (resolve(path) === resolve(output)) continue;
    if (/-\d+-of-\d+\.safetensors$/.test(path)) {
      throw new UsageError(`each file must hold a whole model, got '${path}', a part of one: join the parts first`);
    }
    const file = opened(path);
    if (file.metadata[MADE_BY] === undefined) files.push({ path, file });
  }
  const skipped = found.size - files.length;
  if (files.length === 0) throw none(where.join(' '));
  if (skipped > 0) {
    say(
      `left out: ${skipped} ${skipped === 1 ? 'file that is' : 'files that are'} no checkpoint but an average made here`,
    );
  }
  return files;
}

function opened(path: string): SafetensorsFile {
  try {
    return readSafetensors(path);
  } catch (error) {
    const isOther = error instanceof SmoothingError && error.code === 'FILE_FORMAT' && !path.endsWith(EXTENSION);
    throw isOther ? failure(error.code, `'${path}' is not a safetensors file${pickled(basename(path))}`, error) : error;
  }
}

const EXTENSION = '.safetensors';
const PICKLES = new Set(['.pt', '.pth', '.ckpt', '.bin']);

function none(place: string): SmoothingError {
  if (!existsSync(place))
    return unreadable(`'${place}' must be a folder, a file or a glob that finds *.safetensors, got nothing there`);
  const names = statSync(place).isDirectory() ? readdirSync(place) : [basename(place)];
  const below = names.some((name) => holdsCheckpoints(join(place, name)));
  const how = below
    ? `: those in its folders are '${join(place, '*', '*.safetensors')}', in quotes`
    : pickled(names.find((name) => PICKLES.has(extname(name))));
  return unreadable(`there must be a *.safetensors file in '${place}' itself, got none${how}`);
}

function holdsCheckpoints(folder: string): boolean {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder && readdirSync(folder).some((name) => name.endsWith(EXTENSION));
}

/** What to do about a file that is one; '' for another. */
function pickled(name: string | undefined): string {
  if (name === undefined || !PICKLES.has(extname(name))) return '';
  return `: '${name}' is a pickle, which PyTorch turns into one with safetensors.torch.save_file(state_dict, path)`;
}

function unreadable(message: string): SmoothingError {
  return new SmoothingError('SOURCE_UNREADABLE', message);
}
