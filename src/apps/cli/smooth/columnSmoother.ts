import { Field, makeData, RecordBatch, Schema, Struct, type Data } from 'apache-arrow';
import { Subject } from 'rxjs';

import { biasCorrected } from '../../../../operators/biasCorrected.js';
import { emaScan } from '../../../../operators/emaScan.js';
import type { EmaOptions } from '../../../options.js';
import { typeText } from './typeText.js';
import type { SmoothPlan } from './smoothPlan.js';
import type { TablePiece } from './tablePiece.js';

/** Averages columns piece by piece: a pipe for each, so that a column may come up at any time. */
export class ColumnSmoother {
  readonly #plan: SmoothPlan;
  readonly #pipes = new Map<string, (batch: RecordBatch) => RecordBatch>();
  readonly #schemas = new Map<string, Schema>();

  constructor(plan: SmoothPlan) {
    this.#plan = plan;
  }

  /** The smoothed columns of a piece, which has them prepared. */
  smooth(piece: TablePiece, names: readonly string[]): ReadonlyMap<string, Data> {
    const { by, time } = this.#plan;
    const roles: [string, Data][] = [];
    if (by !== null) roles.push([by, piece.keys(by)]);
    if (time !== null) roles.push([time, piece.stamps()]);
    return new Map(
      names.map((name) => [name, this.#smooth(name, [[name, piece.numbers(name)], ...roles], piece.rows)]),
    );
  }

  #smooth(name: string, columns: readonly (readonly [string, Data])[], rows: number): Data {
    const signature = columns.map(([one, { type }]) => `${one} ${typeText(type)}`).join();
    let schema = this.#schemas.get(signature);
    if (schema === undefined) {
      schema = new Schema(columns.map(([one, { type }]) => new Field(one, type, true)));
      this.#schemas.set(signature, schema);
    }
    const children = columns.map(([, data]) => data);
    const data = makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children });
    let pipe = this.#pipes.get(name);
    if (pipe === undefined) this.#pipes.set(name, (pipe = pipeOf(this.#plan, name)));
    return pipe(new RecordBatch(schema, data)).data.children[0]!;
  }
}

/** A pipe as a function: what goes in comes out in the same turn. */
function pipeOf({ forget, by, time, raw }: SmoothPlan, column: string): (batch: RecordBatch) => RecordBatch {
  const options = { ...forget, columns: [column], ...(by !== null && { by }), ...(time !== null && { time }) };
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
