import { Field, Schema, type Data, type RecordBatch } from 'apache-arrow';
import { Subject } from 'rxjs';

import { biasCorrected } from '../../../../operators/biasCorrected.js';
import { emaScan } from '../../../../operators/emaScan.js';
import type { EmaOptions } from '../../../options.js';
import { recordBatch } from './recordBatch.js';
import { typeText } from './typeText.js';
import type { SmoothPlan } from './smoothPlan.js';
import type { TablePiece } from './tablePiece.js';

/** Columns that came up together, and what smooths them. */
interface Group {
  readonly names: readonly string[];
  readonly pipe: (batch: RecordBatch) => RecordBatch;
}

/** Averages columns piece by piece: those that come up later have a pipe of their own. */
export class ColumnSmoother {
  readonly #plan: SmoothPlan;
  readonly #groups: Group[] = [];
  readonly #known = new Set<string>();
  readonly #schemas = new Map<string, Schema>();

  constructor(plan: SmoothPlan) {
    this.#plan = plan;
  }

  /**
   * The smoothed columns of a piece, which has them prepared.
   *
   * @param names - those of the piece before, and maybe more
   */
  smooth(piece: TablePiece, names: readonly string[]): ReadonlyMap<string, Data> {
    const { by, time } = this.#plan;
    const fresh = names.filter((name) => !this.#known.has(name));
    if (fresh.length > 0) this.#groups.push({ names: fresh, pipe: pipeOf(this.#plan, fresh) });
    for (const name of fresh) this.#known.add(name);
    const roles: [string, Data][] = [];
    if (by !== null) roles.push([by, piece.keys(by)]);
    if (time !== null) roles.push([time, piece.stamps()]);
    const smoothed = new Map<string, Data>(names.map((name) => [name, piece.numbers(name)])); // in their order
    for (const group of this.#groups) {
      const columns = group.names.map((name): [string, Data] => [name, piece.numbers(name)]);
      const { children } = group.pipe(this.#batch([...columns, ...roles], piece.rows)).data;
      group.names.forEach((name, i) => smoothed.set(name, children[i]!));
    }
    return smoothed;
  }

  #batch(columns: readonly (readonly [string, Data])[], rows: number): RecordBatch {
    const signature = columns.map(([one, { type }]) => `${one} ${typeText(type)}`).join();
    let schema = this.#schemas.get(signature);
    if (schema === undefined) {
      schema = new Schema(columns.map(([one, { type }]) => new Field(one, type, true)));
      this.#schemas.set(signature, schema);
    }
    return recordBatch(
      schema,
      columns.map(([, data]) => data),
      rows,
    );
  }
}

/** A pipe as a function: what goes in comes out in the same turn. */
function pipeOf(
  { forget, by, time, raw }: SmoothPlan,
  columns: readonly string[],
): (batch: RecordBatch) => RecordBatch {
  const options = { ...forget, columns, ...(by !== null && { by }), ...(time !== null && { time }) };
  const source = new Subject<RecordBatch>();
  const smooth = emaScan(options as unknown as EmaOptions<RecordBatch>);
  let out: RecordBatch | null = null;
  let failure: unknown = null;
  (raw ? source.pipe(smooth) : source.pipe(smooth, biasCorrected())).subscribe({
    next: (batch) => (out = batch),
    error: (error: unknown) => (failure = error),
  });
  return (batch) => {
    source.next(batch);
    if (failure !== null) throw failure;
    return out!;
  };
}
