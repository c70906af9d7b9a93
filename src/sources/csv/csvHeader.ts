import { shown, SmoothingError } from '../../errors.js';
import { lineFeeds, textAt } from './csvBlock.js';
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
 * @throws SmoothingError `FILE_FORMAT` for what is no line of names, or not one that ends as lines do
 */
export function csvHeader(
  bytes: Uint8Array,
  path: string,
  delimiter: number | null,
  isLast: boolean,
): CsvHeader | null {
  const from = firstLine(bytes);
  const fail = (what: string): never => {
    throw new SmoothingError('FILE_FORMAT', `'${path}' line ${1 + lineFeeds(bytes, 0, from)}: ${what}`);
  };
  const candidates = delimiter === null ? DELIMITERS.map((one) => one.charCodeAt(0)) : [delimiter];
  let best: HeaderLine | null = null;
  for (const candidate of candidates) {
    const line = headerLine(bytes, from, candidate, isLast);
    if (line !== null && line.cells.length > (best?.cells.length ?? 0)) best = line;
  }
  if (best === null) {
    if (isLast && from < bytes.length) fail('a name must have a quote at its end, got none up to the end of the file');
    return null;
  }
  const begin = hasMark(bytes) && from === MARK_BYTES ? 0 : from;
  const line = bytes.slice(begin, best.end);
  if (line.includes(0)) fail('names must be text in UTF-8, got UTF-16 or no text (a zero byte)');
  const columns = best.cells.map(([start, end]) => nameAt(bytes, start, end, fail));
  checkDiffer(columns, fail);
  return { columns, delimiter: best.delimiter, line, end: best.end };
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

/** Where the names of a header stand, as a delimiter cuts it. */
interface HeaderLine {
  readonly delimiter: number;
  readonly cells: readonly (readonly [start: number, end: number])[];
  readonly end: number;
}

function headerLine(bytes: Uint8Array, from: number, delimiter: number, isLast: boolean): HeaderLine | null {
  const cells: (readonly [start: number, end: number])[] = [];
  let at = from;
  for (;;) {
    const start = at;
    if (bytes[at] === QUOTE) at = behindQuotes(bytes, at, bytes.length);
    if (at < 0) return null;
    while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LINE_FEED) at++;
    if (at === bytes.length && (!isLast || at === from)) return null;
    const isLineEnd = bytes[at] !== delimiter;
    cells.push([start, isLineEnd && at > start && bytes[at - 1] === RETURN ? at - 1 : at]);
    at++;
    if (isLineEnd) return { delimiter, cells, end: Math.min(at, bytes.length) };
  }
}

function nameAt(bytes: Uint8Array, start: number, end: number, fail: (what: string) => never): string {
  const name = textAt(bytes, start, end).trim();
  const isQuoted = bytes[start] === QUOTE && behindQuotes(bytes, start, end) === end;
  if (isQuoted) return name;
  if (name.includes('\r')) fail('lines must end with LF or CR LF, got CR alone');
  if (bytes[start] === QUOTE) fail(`a name must end behind its closing quote, got more: ${shown(name)}`);
  return name;
}

function checkDiffer(columns: readonly string[], fail: (what: string) => never): void {
  const places = new Map<string, number>();
  columns.forEach((name, i) => {
    const other = places.get(name);
    if (other !== undefined) {
      fail(`the names of the columns must differ, got ${shown(name)} for the columns ${other + 1} and ${i + 1}`);
    }
    places.set(name, i);
  });
}
