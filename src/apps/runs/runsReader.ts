import { basename } from 'node:path';

import type { Subscriber } from 'rxjs';

import { said } from '../../failure.js';
import { Changes } from '../../sources/changes.js';
import { Lookout } from '../../sources/lookout.js';
import { patience } from '../../sources/patience.js';
import { FolderWatches } from './folderWatches.js';
import { pointReaderOf } from './pointReaderOf.js';
import type { PointIntake } from './pointReader.js';
import { runFilesIn, type RunFile, type RunFiles } from './runFilesIn.js';
import { runFormat } from './runFormat.js';
import { RunNames } from './runNames.js';
import { runRoots, type RunRoot } from './runRoots.js';
import type { RunEvent } from './runsIn.js';

/** Reads what is in some places, for one subscriber. */
export class RunsReader {
  readonly #roots: readonly RunRoot[];
  readonly #follow: boolean;
  readonly #subscriber: Subscriber<RunEvent>;
  readonly #lookouts = new Map<string, Lookout>();
  readonly #names = new RunNames();
  readonly #told = new Set<string>();
  readonly #looks = new Changes('runsIn');
  readonly #watches = new FolderWatches((path, isNew) => {
    const lookout = this.#lookouts.get(path);
    if (lookout !== undefined) lookout.tell();
    else if (isNew && mayHoldRuns(path)) this.#looks.tell();
  });
  /** Files are begun one after the other: so many are there, and one keeps a processor busy. */
  #read: Promise<void> = Promise.resolve();

  constructor(paths: readonly string[], follow: boolean, subscriber: Subscriber<RunEvent>) {
    this.#roots = runRoots(paths);
    this.#follow = follow;
    this.#subscriber = subscriber;
  }

  /** Comes back when all has been delivered; if that is followed, when nobody wants more. */
  async deliver(): Promise<void> {
    for (;;) {
      const since = performance.now();
      const found = await runFilesIn(this.#roots, this.#follow);
      if (this.#subscriber.closed) return;
      this.#take(found);
      if (!this.#follow) break;
      this.#watches.watch(found.folders);
      await this.#looks.next(null, undefined, patience(performance.now() - since));
      if (this.#subscriber.closed) return;
    }
    await this.#read;
    this.#subscriber.complete();
  }

  close(): void {
    this.#watches.close();
    this.#looks.close();
    for (const lookout of this.#lookouts.values()) lookout.close();
  }

  #take({ files, problems }: RunFiles): void {
    for (const { path, problem } of problems) this.#problem(path, problem);
    const states = new Map(files.map(({ path, state }) => [path, state]));
    for (const [path, lookout] of this.#lookouts) lookout.look(states.get(path) ?? 'none');
    for (const file of files) {
      if (this.#lookouts.has(file.path)) continue;
      const lookout = new Lookout(file.state);
      this.#lookouts.set(file.path, lookout);
      const run = this.#names.of(file);
      this.#read = this.#read.then(() => this.#toEnd(file, run, lookout));
    }
  }

  /** Comes back when all that is in a file has been delivered; if it is followed, reading goes on. */
  async #toEnd(file: RunFile, run: string, lookout: Lookout): Promise<void> {
    await Promise.race([this.#points(file, run, lookout), lookout.end]);
  }

  async #points({ path, format }: RunFile, run: string, lookout: Lookout): Promise<void> {
    const subscriber = this.#subscriber;
    const intake: PointIntake = {
      run,
      path,
      get closed() {
        return subscriber.closed;
      },
      add(points) {
        if (points.length > 0) subscriber.next({ points });
      },
      problem: (text) => this.#problem(path, text),
    };
    try {
      const growing = { follow: this.#follow, changes: lookout, closed: () => subscriber.closed, caller: 'runsIn' };
      await pointReaderOf(format)(intake, growing);
    } catch (error) {
      this.#problem(path, said(error));
    }
  }

  #problem(path: string, problem: string): void {
    if (this.#told.has(path)) return;
    this.#told.add(path);
    this.#subscriber.next({ path, problem: problem.includes(path) ? problem : `'${path}': ${problem}` });
  }
}

/** False of what cannot be a file of a run, and of few folders: checkpoints come and go, and each look takes time. */
function mayHoldRuns(path: string): boolean {
  const name = basename(path);
  return runFormat(name) !== null || !name.includes('.');
}
