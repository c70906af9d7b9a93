import { shown, SmoothingError } from '../../errors.js';
import { textAt } from './csvBlock.js';
import { behindQuotes } from './scanRows.js';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** In the order in which they are preferred where they cut the header into as many names. */
const DELIMITERS = [',', '\t', ';', '|'];

/** The first line of a CSV file that is not empty. */
export interface CsvHeader {
  readonly columns: readonly string[];
  /** A byte. */
  readonly delimiter: number;
  /** Its bytes, with a byte order mark if there is one before them. */
  readonly line: Uint8Array;
  /** Behind its line feed. */
  readonly end: number;
}

/**
 * The header, or null as long as its line is not whole.
 *
 * @param delimiter - a byte; null: that of , tab ; | which cuts the line into most names
 * @param isLast - nothing comes behind these bytes
 */
export function csvHeader(
  bytes: Uint8Array,
  path: string,
  delimiter: number | null,
  isLast: boolean,
): CsvHeader | null {
  const from = firstLine(bytes);
  const candidates = delimiter === null ? DELIMITERS.map((one) => one.charCodeAt(0)) : [delimiter];
  let best: CsvHeader | null = null;
  for (const candidate of candidates) {
    const header = headerCells(bytes, from, candidate, isLast);
    if (header !== null && header.columns.length > (best?.columns.length ?? 0)) best = header;
  }
  if (best !== null) checkNames(best.columns, path);
  return best;
}

const MARK_BYTES = 3;

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Behind a byte order mark and empty lines. */
function firstLine(bytes: Uint8Array): number {
  let at = hasMark(bytes) ? MARK_BYTES : 0;
  while (bytes[at] === LINE_FEED || (bytes[at] === RETURN && bytes[at + 1] === LINE_FEED)) at++;
  return at;
}

function headerCells(bytes: Uint8Array, from: number, delimiter: number, isLast: boolean): CsvHeader | null {
  const columns: string[] = [];
  let at = from;
  for (;;) {
    const start = at;
    if (bytes[at] === QUOTE) at = behindQuotes(bytes, at, bytes.length);
    if (at < 0) return null;
    while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LINE_FEED) at++;
    if (at === bytes.length && (!isLast || at === from)) return null;
    const isLineEnd = bytes[at] !== delimiter;
    const end = isLineEnd && at > start && bytes[at - 1] === RETURN ? at - 1 : at;
    columns.push(textAt(bytes, start, end).trim());
    at++;
    if (!isLineEnd) continue;
    const line = bytes.slice(hasMark(bytes) && from === MARK_BYTES ? 0 : from, at);
    return { columns, delimiter, line, end: Math.min(at, bytes.length) };
  }
}

function checkNames(columns: readonly string[], path: string): void {
  const places = new Map<string, number>();
  columns.forEach((name, i) => {
    const other = places.get(name);
    if (other !== undefined) {
      const twice = `got ${shown(name)} for the columns ${other + 1} and ${i + 1}`;
      throw new SmoothingError('FILE_FORMAT', `'${path}' line 1: the names of the columns must differ, ${twice}`);
    }
    places.set(name, i);
  });
}
