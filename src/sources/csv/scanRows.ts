import { lineFeeds, type CsvBlock } from './csvBlock.js';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

/** A line that is no row. */
export interface BadRow {
  /** Its line, of those read: the last one, or the first of those that it has. */
  readonly line: number;
  /** Of it: what it must have, and has. */
  readonly must: string;
  readonly got: string;
  /** The column, counted from 0, if it is one cell's fault. */
  readonly column: number | null;
}

/** Why a scan has stopped, and where it goes on. */
export interface Scanned {
  /** Behind the last line that has been read. */
  readonly at: number;
  /** Lines read. */
  readonly lines: number;
  /** Null: the rest is no whole line. */
  readonly bad: BadRow | null;
}

/**
 * Finds the cells of all whole lines, up to the first that is no row. Empty lines are left out. A cell is quoted if it begins
 * with a quote; a quote further on is a letter like others.
 *
 * @param isLast - nothing comes behind these bytes: the last line needs no line feed
 */
export function scanRows(block: CsvBlock, from: number, isLast: boolean): Scanned {
  const { bytes, delimiter, width, starts, ends, lineEnds } = block;
  const to = bytes.length;
  let lines = 0;
  let at = from;
  while (at < to) {
    const begin = at;
    const line = lines;
    const base = block.rows * width;
    let cells = 0;
    let wrong = -1; // the cell with something behind its quotes
    let byte = delimiter;
    while (byte === delimiter) {
      const start = at;
      if (at < to && bytes[at] === QUOTE) {
        at = behindQuotes(bytes, at, to);
        if (at < 0) return isLast ? unclosed(to, line, cells) : { at: begin, lines: line, bad: null };
        lines += lineFeeds(bytes, start, at);
        if (at < to && bytes[at] !== delimiter && !endsLine(bytes, at, to)) wrong = cells;
      }
      byte = LINE_FEED; // which the end of the file stands for
      while (at < to && (byte = bytes[at]!) !== delimiter && byte !== LINE_FEED) at++;
      if (at === to) {
        if (!isLast) return { at: begin, lines: line, bad: null };
        byte = LINE_FEED;
      }
      if (cells < width) {
        starts[base + cells] = start;
        ends[base + cells] = byte === LINE_FEED && at > start && bytes[at - 1] === RETURN ? at - 1 : at;
      }
      cells++;
      at++;
    }
    lines++;
    if (cells === 1 && isEmpty(bytes, begin, at - 1)) continue;
    if (at > to) at = to;
    if (wrong >= 0) return { at, lines, bad: trailing(line, wrong) };
    if (cells !== width) return { at, lines, bad: uneven(line, width, cells) };
    lineEnds[block.rows++] = at;
  }
  return { at: Math.min(at, to), lines, bad: null };
}

/** Behind the quote that closes the one at `at`; -1 if there is none. */
export function behindQuotes(bytes: Uint8Array, at: number, to: number): number {
  let quote = at;
  for (;;) {
    quote = bytes.indexOf(QUOTE, quote + 1);
    if (quote < 0 || quote >= to) return -1;
    if (bytes[quote + 1] !== QUOTE) return quote + 1;
    quote++;
  }
}

function endsLine(bytes: Uint8Array, at: number, to: number): boolean {
  if (bytes[at] === LINE_FEED) return true;
  return bytes[at] === RETURN && (at + 1 >= to || bytes[at + 1] === LINE_FEED);
}

function isEmpty(bytes: Uint8Array, from: number, to: number): boolean {
  return from === to || (from + 1 === to && bytes[from] === RETURN);
}

function unclosed(at: number, line: number, column: number): Scanned {
  const bad = { line, column, must: 'have a quote at its end', got: 'none up to the end of the file' };
  return { at, lines: line, bad };
}

function trailing(line: number, column: number): BadRow {
  return { line, column, must: 'end behind its closing quote', got: 'more' };
}

function uneven(line: number, width: number, cells: number): BadRow {
  const must = `have ${width} ${width === 1 ? 'cell' : 'cells'}, as the header has`;
  return { line, column: null, must, got: `${cells}` };
}
