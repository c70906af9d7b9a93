import { Observable } from 'rxjs';

import type { MetricPoint } from '../dashboard/point.js';
import { RunsReader } from './runsReader.js';

/** What `runsIn` emits. */
export type RunEvent = RunPoints | RunProblem;

/** Points of one run, in the order of its file. */
export interface RunPoints {
  readonly points: readonly MetricPoint[];
}

/** Something that could not be read, and is left out. */
export interface RunProblem {
  /** The file or folder. */
  readonly path: string;
  /** A sentence that names it, and says what is left out if the rest is read. */
  readonly problem: string;
}

/** Options of `runsIn`. */
export interface RunsOptions {
  /** Go on with what is yet to be written, until unsubscribed. */
  readonly follow: boolean;
}

/**
 * What training runs have logged in some folders and files, as points.
 *
 * - **Folders** are taken as TensorBoard takes them: each folder at any depth that has files of events (`tfevents` in the
 *   name) is a run, called as its path in the folder that was given; that one itself is called by its own name. A table in a
 *   folder (CSV, TSV, JSON Lines, also with `.gz`) is a run, called as its path without the extension; one with the name of a
 *   logger (`metrics`, `results`, `progress`, `log`) is called as its folder is. Links are followed; what begins with a dot,
 *   and `node_modules`, is passed over.
 * - **Files** are runs, called by their names, or by their folder's if the name is a logger's.
 * - **Several paths**: the end of each that tells it from the others is its name, and in front of the names of the runs in
 *   its sub-folders.
 * - **One name, two places**: files of events keep it. A table beside them, or the second table, is called as its path *with*
 *   its extension. A run keeps its name for as long as it is followed.
 *
 * The files of events in a folder come one after the other in natural order of their names. A run that was restarted shows as
 * steps that go back: whoever keeps the points drops those of this step and later ones, as TensorBoard does. A file that is cut
 * or replaced is read from its beginning, and so goes back too.
 *
 * In a table the x axis is the column that `axesOf` chooses, else the row's number from 1; every other column of numbers is
 * a metric. NaN and infinities are values; an empty cell is none. One step may come as several points. In JSON Lines a number
 * in an object is a metric of both their names, `metrics/acc`; arrays are passed over.
 *
 * With `follow` what is written comes within 200 ms, as does a new file or folder; beyond 256 folders, and on network file
 * systems, within 200 ms to 1 s: the more there are, the more seldom they are looked at, so that looking takes a twentieth of
 * the time. Nothing that can't be read ends the rest: of each file the first problem is told.
 *
 * @param paths - of folders and files; with `follow` they need not be there yet
 * @returns a cold Observable; the points are the receiver's. It has no errors of its own
 */
export function runsIn(paths: readonly string[], { follow }: RunsOptions): Observable<RunEvent> {
  return new Observable((subscriber) => {
    const reader = new RunsReader(paths, follow, subscriber);
    subscriber.add(() => reader.close());
    reader.deliver().catch((error: unknown) => subscriber.error(error));
  });
}
