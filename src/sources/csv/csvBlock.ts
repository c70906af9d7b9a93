import type { CsvHeader } from './csvHeader.js';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** Cells are given as they stand in the file; bytes that are no UTF-8 become U+FFFD. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Rows of a CSV file, as places in its bytes: cell `row * width + column` stands from `starts` to `ends`, its quotes with it.
 *
 * Its memory is used again for the next block.
 */
export class CsvBlock {
  /** Rows of `width` cells. */
  rows = 0;
  /** Where each row's line ends, behind its line feed. */
  lineEnds: Int32Array = new Int32Array(0);
  starts: Int32Array = new Int32Array(0);
  ends: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the block begins in `bytes`, and the number of its line in the file, from 1. */
  from = 0;
  line = 1;

  /** Names, of the header. */
  readonly columns: readonly string[];
  /** Where each of them stands. */
  readonly places: ReadonlyMap<string, number>;
  readonly width: number;
  /** A byte. */
  readonly delimiter: number;
  /** The header's line as it stands in the file, with a byte order mark if there is one. */
  readonly header: Uint8Array;

  constructor({ columns, delimiter, line }: CsvHeader) {
    this.columns = columns;
    this.places = new Map(columns.map((name, i) => [name, i]));
    this.width = columns.length;
    this.delimiter = delimiter;
    this.header = line;
  }

  /** Makes room for whatever may stand in these bytes. */
  open(bytes: Uint8Array, from: number, line: number): void {
    this.bytes = bytes;
    this.from = from;
    this.line = line;
    this.rows = 0;
    const most = bytes.length - from + 1;
    if (this.starts.length >= most + this.width) return;
    this.starts = new Int32Array(most + this.width); // a row is written whole before it is counted
    this.ends = new Int32Array(most + this.width);
    this.lineEnds = new Int32Array(most);
  }

  /** Where a row's line begins. */
  lineStart(row: number): number {
    return this.starts[row * this.width]!;
  }

  /** A cell's text, without its quotes. */
  text(row: number, column: number): string {
    const cell = row * this.width + column;
    return textAt(this.bytes, this.starts[cell]!, this.ends[cell]!);
  }

  /** The number of a row's line in the file. */
  lineOf(row: number): number {
    return this.line + lineFeeds(this.bytes, this.from, this.lineStart(row));
  }

  /** Leaves rows out. */
  drop(isBad: (row: number) => boolean): void {
    const { width, starts, ends, lineEnds } = this;
    let kept = 0;
    for (let row = 0; row < this.rows; row++) {
      if (isBad(row)) continue;
      starts.copyWithin(kept * width, row * width, (row + 1) * width);
      ends.copyWithin(kept * width, row * width, (row + 1) * width);
      lineEnds[kept++] = lineEnds[row]!;
    }
    this.rows = kept;
  }
}

/** The text of a cell that stands there, without its quotes. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  if (start === end || bytes[start] !== QUOTE) return utf8.decode(bytes.subarray(start, end));
  return utf8.decode(bytes.subarray(start + 1, end - 1)).replaceAll('""', '"');
}

/** How many lines end there. */
export function lineFeeds(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === LINE_FEED) count++;
  return count;
}
