import type { Data } from 'apache-arrow';

import type { CsvBlock } from '../../../sources/csv/csvBlock.js';
import { isNull, type ArrowData } from '../../../values/arrowData.js';
import { quoted } from './csvText.js';
import { writeNumber } from '../../writeNumber.js';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** As many as the shortest form of a double has at most, and a delimiter. */
const MOST_DIGITS = 26;

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

  constructor(appends: boolean) {
    this.#appends = appends;
  }

  /** The line of names. @param names - of what is put behind, if it is */
  header({ header, delimiter }: CsvBlock, names: readonly string[]): Uint8Array {
    const end = lineEnd(header);
    const between = String.fromCharCode(delimiter);
    const more = names.map((name) => between + quoted(name, between)).join('');
    return Buffer.concat([header.subarray(0, end), Buffer.from(more), ending(header)]);
  }

  /** @returns lent until the next call */
  rows(block: CsvBlock, smoothed: ReadonlyMap<string, Data>): Uint8Array {
    const splices = [...smoothed].map(([name, data]): Splice => {
      const arrow = data as unknown as ArrowData;
      return { column: block.places.get(name)!, data: arrow, values: arrow.values as Float64Array };
    });
    const bytes = block.bytes.length - block.from;
    // a cell stays where nothing has come, and is put behind once more
    const most = (this.#appends ? 2 : 1) * bytes + block.rows * (splices.length * MOST_DIGITS + 1);
    if (this.#out.length < most) this.#out = new Uint8Array(most);
    if (this.#appends) return this.#out.subarray(0, append(block, splices, this.#out));
    splices.sort((a, b) => a.column - b.column);
    return this.#out.subarray(0, replace(block, splices, this.#out));
  }
}

/** Returns how many bytes it has written. */
function replace(block: CsvBlock, splices: readonly Splice[], out: Uint8Array): number {
  const { bytes, rows, width, starts, ends, lineEnds } = block;
  const tail = ending(block.header);
  let at = 0;
  let from = block.lineStart(0);
  for (let row = 0; row < rows; row++) {
    for (const { column, data, values } of splices) {
      const value = values[row]!;
      if (isNothing(value, data, row)) continue; // it stays as it is
      const cell = row * width + column;
      at = copy(bytes, from, starts[cell]!, out, at);
      at = writeNumber(value, out, at);
      from = ends[cell]!;
    }
    const end = lineEnds[row]!;
    if (row + 1 < rows && starts[(row + 1) * width] === end) continue; // it is copied with the next
    at = copy(bytes, from, end, out, at);
    if (bytes[end - 1] !== LINE_FEED) at = copy(tail, 0, tail.length, out, at);
    from = row + 1 < rows ? block.lineStart(row + 1) : end;
  }
  return at;
}

/** Returns how many bytes it has written. */
function append(block: CsvBlock, splices: readonly Splice[], out: Uint8Array): number {
  const { bytes, width, starts, ends, lineEnds, delimiter } = block;
  const tail = ending(block.header);
  let at = 0;
  for (let row = 0; row < block.rows; row++) {
    const end = ends[(row + 1) * width - 1]!;
    at = copy(bytes, block.lineStart(row), end, out, at);
    for (const { column, data, values } of splices) {
      const value = values[row]!;
      const cell = row * width + column;
      out[at++] = delimiter;
      if (isNothing(value, data, row)) at = copy(bytes, starts[cell]!, ends[cell]!, out, at);
      else at = writeNumber(value, out, at);
    }
    at = copy(bytes, end, lineEnds[row]!, out, at);
    if (bytes[lineEnds[row]! - 1] !== LINE_FEED) at = copy(tail, 0, tail.length, out, at);
  }
  return at;
}

/** True where nothing has come, or nothing that can be averaged: it goes out as it came. */
function isNothing(value: number, data: ArrowData, row: number): boolean {
  return value - value !== 0 || (data.nullCount > 0 && isNull(data, row));
}

/** A few bytes: fewer than a call of `set` would cost. Returns where it has come to. */
function copy(bytes: Uint8Array, from: number, to: number, out: Uint8Array, start: number): number {
  let at = start;
  for (let i = from; i < to; i++) out[at++] = bytes[i]!;
  return at;
}

/** The end of the header's line, which the last line gets too if it has none: others may follow. */
function ending(header: Uint8Array): Uint8Array {
  const end = lineEnd(header);
  return end === header.length ? Uint8Array.of(LINE_FEED) : header.subarray(end);
}

function lineEnd(line: Uint8Array): number {
  let end = line.length;
  if (line[end - 1] === LINE_FEED) end--;
  if (line[end - 1] === RETURN) end--;
  return end;
}
