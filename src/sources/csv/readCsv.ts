import { SmoothingError } from '../../errors.js';
import type { Piece } from '../growingFile.js';
import { CsvBlock, lineFeeds } from './csvBlock.js';
import { csvHeader } from './csvHeader.js';
import { scanRows } from './scanRows.js';

/** Longer ones would be held in memory before anything is known of them: a quote that is never closed takes all that follows. */
const MOST_BYTES = 2 ** 24;

/** How a CSV file is read. */
export interface CsvPlan {
  /** As errors have it. */
  readonly path: string;
  /** A byte; null to find it. */
  readonly delimiter: number | null;
  /** Throws, or counts a row as left out. */
  bad(error: SmoothingError): void;
}

/**
 * The rows of a CSV file as blocks, in constant memory. A `fresh` piece begins with a header of its own, and an object of its
 * own for the columns' names.
 *
 * @returns blocks of at least one row, or of none behind a header: lent until the next is asked for
 * @throws SmoothingError `FILE_FORMAT`: names that don't differ, a line beyond 16 MiB
 */
export async function* readCsv(pieces: AsyncIterable<Piece>, plan: CsvPlan): AsyncGenerator<CsvBlock> {
  let text = new CsvText(plan);
  for await (const { bytes, fresh } of pieces) {
    if (fresh) text = new CsvText(plan);
    yield* text.push(bytes, false);
  }
  yield* text.push(new Uint8Array(0), true);
}

/** The text of one file so far. */
class CsvText {
  readonly #plan: CsvPlan;
  #block: CsvBlock | null = null;
  /** Of lines that are not whole. */
  #rest: readonly Uint8Array[] = [];
  #line = 1;

  constructor(plan: CsvPlan) {
    this.#plan = plan;
  }

  *push(piece: Uint8Array, isLast: boolean): Generator<CsvBlock> {
    this.#limit(piece.length);
    if (!isLast && !piece.includes(0x0a)) {
      if (piece.length > 0) this.#rest = [...this.#rest, piece.slice()];
      return;
    }
    const bytes = joined([...this.#rest, piece]);
    let at = 0;
    if (this.#block === null) {
      const header = csvHeader(bytes, this.#plan.path, this.#plan.delimiter, isLast);
      if (header === null) {
        this.#rest = [bytes.slice()];
        return;
      }
      this.#block = new CsvBlock(header);
      at = header.end;
      this.#line += lineFeeds(bytes, 0, at);
      yield this.#block;
    }
    at = yield* this.#rows(this.#block, bytes, at, isLast);
    this.#rest = at < bytes.length ? [bytes.slice(at)] : [];
  }

  *#rows(block: CsvBlock, bytes: Uint8Array, from: number, isLast: boolean): Generator<CsvBlock, number> {
    let at = from;
    for (;;) {
      block.open(bytes, at, this.#line);
      const { at: end, lines, bad } = scanRows(block, at, isLast);
      if (block.rows > 0) yield block;
      if (bad !== null) this.#plan.bad(this.#error(bad, block.columns));
      this.#line += lines;
      at = end;
      if (bad === null) return at;
    }
  }

  #error(
    { line, column, must, got }: { line: number; column: number | null; must: string; got: string },
    columns: readonly string[],
  ) {
    return badCell(this.#plan.path, this.#line + line, column, columns, `must ${must}, got ${got}`);
  }

  #limit(more: number): void {
    const held = this.#rest.reduce((sum, { length }) => sum + length, 0);
    if (held <= MOST_BYTES) return;
    const got = `got ${held + more} bytes without its end`;
    throw new SmoothingError('FILE_FORMAT', `'${this.#plan.path}' line ${this.#line} must be 16 MiB at most, ${got}`);
  }
}

/** An error about a line, or about one of its cells. */
export function badCell(
  path: string,
  line: number,
  column: number | null,
  columns: readonly string[],
  what: string,
): SmoothingError {
  const cell = column === null ? '' : `, column '${columns[column] ?? ''}' (${column + 1})`;
  return new SmoothingError('FILE_FORMAT', `'${path}' line ${line}${cell}: ${what}`);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
