import { Observable, type Subscriber } from 'rxjs';

import { SmoothingError } from '../errors.js';
import { bad } from '../options.js';
import type { SafetensorsArray } from '../state/safetensorsDtypes.js';
import { CutShort } from '../state/safetensorsLayout.js';
import { safetensorsOptions } from '../state/safetensorsOptions.js';
import { Changes } from './changes.js';
import { checkpointsIn, folderOf, type Checkpoints } from './checkpointsIn.js';
import { readSafetensors, type SafetensorsFile } from './readSafetensors.js';
import { Settled } from './settled.js';

/** Options of `fromSafetensors`. */
export interface FromSafetensorsOptions {
  /** Go on with checkpoints that are yet to come, until unsubscribed. @default false */
  readonly follow?: boolean;
}

/** A checkpoint's weights by name, each read from its file when it is asked for. */
export type CheckpointWeights = Readonly<Record<string, SafetensorsArray>>;

/**
 * The checkpoints of a training run, of PyTorch or of anything that writes safetensors, as weights by name in the order of
 * the steps.
 *
 * In natural order of the paths: `step-9` comes before `step-10`. Numbers are integers there, so `loss=0.5` comes before
 * `loss=0.25`. A map reads each weight from its file when it is asked for (see `readSafetensors`), so `modelEma` behind it
 * holds one tensor besides its shadow. Of a file that `toSafetensors` has written of a `ModelEma` and the model beside it, it
 * has the model's weights. A file is opened when its turn comes: `take(n)` opens n. Between two the event loop gets its turn.
 * Node only.
 *
 * With `follow` those that are there come first, in natural order, then each that appears, as soon as it is as long as its
 * header says and has been left alone for 100 ms: one that is being written is waited for and keeps none back, so one that
 * comes late comes late, whatever its number. A path comes once; another file in its place does not come again. A folder is
 * watched, and anything looked at every 100 ms; it may not be there yet. Unsubscribing ends the watch and the timer.
 *
 * @param where - a folder (the files `*.safetensors` in it, without those that begin with a dot), a glob with forward slashes
 *   (`runs/a?/step-*.safetensors`), or paths
 * @param options - `follow`
 * @returns a cold Observable of maps; the arrays that they give are the receiver's. A map is good as long as its file is left
 *   alone
 * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN` at the call. As notifications, with the path: `SOURCE_UNREADABLE` if
 *   nothing is found, or a file can't be read; `FILE_FORMAT` for one that is damaged or, without `follow`, cut short;
 *   `VALUE_KIND` for one that holds a shadow without the model's weights. Checkpoints before it have been emitted
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { lastValueFrom } from 'rxjs';
 * import { modelEma } from 'rx-ema';
 * import { toSafetensors } from 'rx-ema/sinks';
 * import { fromSafetensors } from 'rx-ema/sources';
 *
 * const run = mkdtempSync(join(tmpdir(), 'rx-ema-run-'));
 * for (const step of [100, 1000, 200]) toSafetensors(join(run, `step-${step}.safetensors`), { w: Float32Array.of(step) });
 *
 * const average = await lastValueFrom(fromSafetensors(run).pipe(modelEma({ decay: 0.5 })));
 * console.log(average['w']?.[0]);
 * // => 575
 * ```
 * @see `modelEma`, with `stepsPerUpdate` for the steps between two checkpoints; `readSafetensors` for one file
 */
export function fromSafetensors(
  where: Checkpoints,
  options: FromSafetensorsOptions = {},
): Observable<CheckpointWeights> {
  if (!isWhere(where)) throw bad('where', 'be a folder, a glob, or a list of paths', where);
  const { follow = false } = safetensorsOptions(options, ['follow']) as FromSafetensorsOptions;
  if (typeof follow !== 'boolean') throw bad('follow', 'be true or false', follow);
  const places = typeof where === 'string' ? where : [...where];
  return new Observable((subscriber) => {
    const changes = new Changes('fromSafetensors');
    subscriber.add(() => changes.close());
    deliver(places, follow ? changes : null, subscriber).catch((error: unknown) => subscriber.error(error));
  });
}

async function deliver(
  where: Checkpoints,
  changes: Changes | null,
  subscriber: Subscriber<CheckpointWeights>,
): Promise<void> {
  const done = new Set<string>();
  const settled = new Settled();
  while (!subscriber.closed) {
    for (const path of await checkpointsIn(where)) {
      if (subscriber.closed) return;
      if (done.has(path) || (changes !== null && !settled.has(path))) continue;
      const file = opened(path, changes !== null);
      if (file === null) continue;
      done.add(path);
      subscriber.next(weightsOf(path, file));
      await new Promise((resolve) => setImmediate(resolve)); // timers, sockets and whoever wants to unsubscribe
    }
    if (changes === null) break;
    if (!subscriber.closed) await changes.next(folderOf(where));
  }
  if (done.size === 0 && changes === null) {
    const must = `there must be a *.safetensors file in '${String(where)}' itself, or where a glob says`;
    throw new SmoothingError('SOURCE_UNREADABLE', `${must}, got none`);
  }
  subscriber.complete();
}

/** Null for a file that is yet to be whole, or gone again, if that is waited for. */
function opened(path: string, waits: boolean): SafetensorsFile | null {
  try {
    return readSafetensors(path);
  } catch (error) {
    if (waits && (error instanceof CutShort || isAbsent(error))) return null;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return (error as { cause?: { code?: string } }).cause?.code === 'ENOENT';
}

function weightsOf(path: string, { holds, weights, model, updates }: SafetensorsFile): CheckpointWeights {
  if (holds === 'weights') return weights;
  if (model !== undefined) return model;
  throw new SmoothingError('VALUE_KIND', `'${path}' must hold a model's weights, got the shadow of ${updates} updates`);
}

const isPath = (one: unknown): boolean => typeof one === 'string' && one !== '';

function isWhere(where: unknown): where is Checkpoints {
  return isPath(where) || (Array.isArray(where) && where.length > 0 && where.every(isPath));
}
