import { SmoothingError } from '../../../errors.js';
import type { Choice } from './choice.js';
import { ColumnSmoother } from './columnSmoother.js';
import { appendedName } from './smoothedBatch.js';
import type { SmoothPlan } from './smoothPlan.js';
import type { TablePiece } from './tablePiece.js';
import type { TableWriter } from './tableWriter.js';

/** A table on its way: pieces in, smoothed and written. */
export class Smoothing {
  readonly #plan: SmoothPlan;
  readonly #choice: Choice;
  readonly #writer: TableWriter;
  readonly #smoother: ColumnSmoother;
  #columns: readonly string[] = [];
  #names: readonly string[] = [];
  /** A header behind which no row has come: what its columns hold can't be known yet. */
  #header: TablePiece | null = null;

  constructor(plan: SmoothPlan, choice: Choice, writer: TableWriter) {
    this.#plan = plan;
    this.#choice = choice;
    this.#writer = writer;
    this.#smoother = new ColumnSmoother(plan);
  }

  /** @param path - of the piece's file */
  async take(piece: TablePiece, path: string): Promise<void> {
    if (piece.isWhole && this.#columns.length > 0) this.#checkSame(piece.columns, path);
    this.#columns = piece.columns;
    if (piece.rows > 0) await this.#write(piece);
    else this.#header = piece;
  }

  /** When there are no more. */
  async end(): Promise<void> {
    if (this.#header !== null) await this.#write(this.#header);
    this.#choice.end(this.#columns);
    await this.#writer.end();
  }

  async #write(piece: TablePiece): Promise<void> {
    this.#header = null;
    const names = this.#choice.of(piece);
    if (this.#plan.append && names !== this.#names) checkFree(names, piece.columns);
    this.#names = names;
    piece.prepare(names, this.#plan.time, this.#plan.timeUnit);
    await this.#writer.write(piece, this.#smoother.smooth(piece, names));
  }

  #checkSame(columns: readonly string[], path: string): void {
    if (columns === this.#columns || JSON.stringify(columns) === JSON.stringify(this.#columns)) return;
    const must = `'${path}' must have the columns of the file before it (${this.#columns.join(', ')})`;
    throw new SmoothingError('SCHEMA_CHANGED', `${must}, got ${columns.join(', ')}`);
  }
}

function checkFree(names: readonly string[], columns: readonly string[]): void {
  const all = new Set(columns);
  const taken = names.find((name) => all.has(appendedName(name)));
  if (taken === undefined) return;
  const got = 'got a column of that name';
  throw new SmoothingError('COLUMN_COLLISION', `--append must find '${appendedName(taken)}' free, ${got}`);
}
