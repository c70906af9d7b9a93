import type { Subscriber } from 'rxjs';

import { SmoothingError } from '../errors.js';
import { failure } from '../failure.js';
import { bad } from '../options.js';
import { Changes } from './changes.js';
import { eventFilesIn, type EventFile } from './eventFiles.js';
import { EventScalars, type Scalar } from './eventScalars.js';
import { readPieces } from './growingFile.js';
import { Lookout } from './lookout.js';
import { patience } from './patience.js';
import { Rows, rowsOptions, type RowsOptions } from './rows.js';
import { scalarsIn } from './scalarsIn.js';
import { TfRecords, type TfRecord } from './tfRecords.js';

const CALLER = 'fromTfevents';

/**
 * The scalars that PyTorch, TensorFlow, Keras or tfjs-node log for TensorBoard, as records.
 *
 * A folder is taken as TensorBoard takes it: each folder in it that has files of events (`tfevents` in the name), at any depth,
 * is a run, and so is the folder itself. Runs come one after the other in natural order of their names, and the files of a run
 * too. Scalars are what is logged as `simple_value`, and tensors of one element whose tag has the plugin `scalars`; histograms,
 * images, text and hparams are passed over. NaN and infinities are values. Every record's checksums are compared.
 *
 * With `follow` every file is followed: what is appended comes within 200 ms, and so do new files and folders; where there are
 * so many that a look at all of them takes longer than 5 ms, within a second, so that looking takes a twentieth of the time. A
 * place that is not there yet is waited for. A file that is cut or written anew is read from its beginning.
 *
 * A record that ends behind the end of its file is what a killed program leaves, or one that is being written: it comes when it
 * is whole, and not before. A damaged one is an error, or left out and counted in `skipped`: where the data don't have their
 * checksum, that record; where its length does not, all that follows in that file.
 *
 * Nothing is taken back. A run that was restarted from a checkpoint shows as a tag's steps that go back, within a file or from
 * one to the next. TensorBoard's data server then drops what that tag had of the same step and of later ones; its older Python
 * backend drops, from the second `SessionLog.START` in a run on, all that the run had of that event's step and of later ones,
 * and looks at steps in files without a version alone.
 *
 * Node only. Between two pieces of a file the event loop gets its turn.
 *
 * @param where - a folder or a file
 * @param options - `follow`, `onBadRow`
 * @returns a cold Observable of `Scalar`, with `skipped`
 * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN` at the call. As notifications, with the path: `SOURCE_UNREADABLE` if,
 *   without `follow`, there are no files of events, or one can't be read; `FILE_FORMAT` with the record's number and place
 * @example
 * ```ts
 * import { filter, lastValueFrom, map, toArray } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { fromTfevents } from 'rx-ema/sources';
 *
 * const loss$ = fromTfevents('examples/data/run').pipe(
 *   filter(({ tag }) => tag === 'train/loss'),
 *   emaScan({ halfLife: 20, columns: ['value'] }),
 *   biasCorrected(),
 * );
 * const smooth = await lastValueFrom(loss$.pipe(map(({ step, value }) => `${step}: ${value.toFixed(3)}`), toArray()));
 * console.log(smooth.length, smooth.at(-1));
 * // => 600 600: 0.004
 * ```
 * @see `emaScan` with `by: ['run', 'tag']` for all of them at once
 */
export function fromTfevents(where: string, options: RowsOptions = {}): Rows<Scalar> {
  if (typeof where !== 'string' || where === '') throw bad('where', 'be the path of a folder or file', where);
  const { follow, onBadRow } = rowsOptions(options);
  return new Rows((subscriber, skip) => {
    const onBad = (error: SmoothingError): void => {
      if (onBadRow === 'throw') throw error;
      skip();
    };
    new Runs(where, follow, subscriber, onBad).deliver().catch((error: unknown) => subscriber.error(error));
  });
}

/** What one subscription reads. */
class Runs {
  readonly #where: string;
  readonly #follow: boolean;
  readonly #subscriber: Subscriber<Scalar>;
  readonly #onBad: (error: SmoothingError) => void;
  readonly #changes = new Changes(CALLER);
  readonly #lookouts = new Map<string, Lookout>();

  constructor(where: string, follow: boolean, subscriber: Subscriber<Scalar>, onBad: (error: SmoothingError) => void) {
    this.#where = where;
    this.#follow = follow;
    this.#subscriber = subscriber;
    this.#onBad = onBad;
    subscriber.add(() => {
      this.#changes.close();
      for (const lookout of this.#lookouts.values()) lookout.close();
    });
  }

  async deliver(): Promise<void> {
    let read = Promise.resolve();
    while (!this.#subscriber.closed) {
      const since = performance.now();
      const files = eventFilesIn(this.#where, CALLER);
      for (const file of files.filter(({ path }) => !this.#lookouts.has(path))) {
        const lookout = new Lookout(file.state);
        this.#lookouts.set(file.path, lookout);
        read = read.then(() => this.#toEnd(file, lookout)); // the next one when this one's scalars have come
      }
      if (!this.#follow) break;
      this.#look(files);
      const folder = files.some(({ path }) => path === this.#where) ? null : this.#where;
      await this.#changes.next(folder, undefined, patience(performance.now() - since));
    }
    await read;
    if (this.#lookouts.size === 0 && !this.#subscriber.closed) {
      const must = `'${this.#where}' must be a file, or a folder with files of events in it or its sub-folders`;
      throw new SmoothingError('SOURCE_UNREADABLE', `${must}, got none`);
    }
    this.#subscriber.complete();
  }

  #look(files: readonly EventFile[]): void {
    const states = new Map(files.map(({ path, state }) => [path, state]));
    for (const [path, lookout] of this.#lookouts) lookout.look(states.get(path) ?? 'none');
  }

  /** Comes back when all that is in a file has been delivered; if it is followed, reading goes on. */
  async #toEnd(file: EventFile, lookout: Lookout): Promise<void> {
    const reading = this.#read(file, lookout).catch((error: unknown) => this.#subscriber.error(error));
    await Promise.race([reading, lookout.end]);
  }

  async #read({ path, run }: EventFile, lookout: Lookout): Promise<void> {
    const subscriber = this.#subscriber;
    const fail = ({ number, at }: Pick<TfRecord, 'number' | 'at'>, what: string, cause?: unknown) =>
      this.#onBad(failure('FILE_FORMAT', `record ${number} of '${path}', at byte ${at}, must ${what}`, cause));
    const growing = { follow: this.#follow, changes: lookout, closed: () => subscriber.closed, caller: CALLER };
    let records = new TfRecords(fail);
    let scalars = new EventScalars(run);
    for await (const { bytes, fresh } of readPieces(path, growing)) {
      if (fresh) [records, scalars] = [new TfRecords(fail), new EventScalars(run)];
      for (const record of records.read(bytes)) {
        for (const scalar of scalarsIn(record, scalars, fail)) {
          if (subscriber.closed) return;
          subscriber.next(scalar);
        }
      }
    }
  }
}
