import type { Data } from 'apache-arrow';

import { isNull, type ArrowData } from '../../../values/arrowData.js';
import type { CsvBlock } from '../../../sources/csv/csvBlock.js';
import { quoted } from './csvText.js';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** As many as the shortest form of a double has at most, and a delimiter. */
const MOST_DIGITS = 25;

/** A column, and what goes in its place or behind the row. */
interface Splice {
  readonly column: number;
  readonly data: ArrowData;
  readonly values: ArrayLike<number>;
}

/** Writes rows of a CSV file as they stand in it, with some numbers in the place of others or behind them. */
export class CsvSplicer {
  readonly #appends: boolean;
  #out = new Uint8Array(0);
  #at = 0;

  constructor(appends: boolean) {
    this.#appends = appends;
  }

  /** The line of names. @param names - of what is put behind, if it is */
  header({ header, delimiter }: CsvBlock, names: readonly string[]): Uint8Array {
    const end = lineEnd(header);
    const more = names.map((name) => String.fromCharCode(delimiter) + quoted(name, String.fromCharCode(delimiter)));
    const ending = end === header.length ? '\n' : header.subarray(end);
    return Buffer.concat([header.subarray(0, end), Buffer.from(more.join('')), Buffer.from(ending as Uint8Array)]);
  }

  /** @returns lent until the next call */
  rows(block: CsvBlock, smoothed: ReadonlyMap<string, Data>): Uint8Array {
    const splices = [...smoothed].map(([name, data]): Splice => {
      return {
        column: block.columns.indexOf(name),
        data: data as unknown as ArrowData,
        values: data.values as Float64Array,
      };
    });
    if (!this.#appends) splices.sort((a, b) => a.column - b.column);
    this.#open(block, splices.length);
    for (let row = 0; row < block.rows; row++) {
      if (this.#appends) this.#append(block, splices, row);
      else this.#replace(block, splices, row);
    }
    return this.#out.subarray(0, this.#at);
  }

  #replace(block: CsvBlock, splices: readonly Splice[], row: number): void {
    let from = block.lineStart(row);
    for (const splice of splices) {
      if (isNothing(splice, row)) continue; // it stays as it is
      const cell = row * block.width + splice.column;
      this.#copy(block.bytes, from, block.starts[cell]!);
      this.#number(splice.values[row]!);
      from = block.ends[cell]!;
    }
    this.#copy(block.bytes, from, block.lineEnds[row]!);
    this.#endLine(block, row);
  }

  #append(block: CsvBlock, splices: readonly Splice[], row: number): void {
    const end = block.ends[(row + 1) * block.width - 1]!;
    this.#copy(block.bytes, block.lineStart(row), end);
    for (const splice of splices) {
      const cell = row * block.width + splice.column;
      this.#out[this.#at++] = block.delimiter;
      if (isNothing(splice, row)) this.#copy(block.bytes, block.starts[cell]!, block.ends[cell]!);
      else this.#number(splice.values[row]!);
    }
    this.#copy(block.bytes, end, block.lineEnds[row]!);
    this.#endLine(block, row);
  }

  /** The last line of a file may have no end; others may follow. */
  #endLine({ bytes, lineEnds }: CsvBlock, row: number): void {
    if (bytes[lineEnds[row]! - 1] !== LINE_FEED) this.#out[this.#at++] = LINE_FEED;
  }

  #number(value: number): void {
    const text = String(value);
    let at = this.#at;
    for (let i = 0; i < text.length; i++) this.#out[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    const out = this.#out;
    let at = this.#at;
    for (let i = from; i < to; i++) out[at++] = bytes[i]!; // a few: fewer than a call would cost
    this.#at = at;
  }

  #open({ bytes, from, rows }: CsvBlock, splices: number): void {
    // a cell is copied in place of a number, and once more where numbers are put behind
    const most = (this.#appends ? splices + 1 : 1) * (bytes.length - from) + rows * (splices * MOST_DIGITS + 1);
    if (this.#out.length < most) this.#out = new Uint8Array(most);
    this.#at = 0;
  }
}

/** True where nothing has come, or nothing that can be averaged: it goes out as it came. */
function isNothing({ data, values }: Splice, row: number): boolean {
  return !Number.isFinite(values[row]) || isNull(data, row);
}

function lineEnd(line: Uint8Array): number {
  let end = line.length;
  if (line[end - 1] === LINE_FEED) end--;
  if (line[end - 1] === RETURN) end--;
  return end;
}
