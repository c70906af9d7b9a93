import { shown, SmoothingError } from '../errors.js';
import { faultIn } from './faultIn.js';
import { linesOf } from './linesOf.js';
import { parseJsonLine } from './parseJsonLine.js';
import type { RowReader } from './rows.js';

/** Reads an object from each line that is not blank. @param name - of what the lines are from, in errors */
export function jsonlReader<T>(name: string): RowReader<T> {
  return async (pieces, rows) => {
    for await (const { lines, number, isCut } of linesOf(pieces, name)) {
      for (const [i, line] of lines.entries()) {
        if (rows.closed) return;
        const record = jsonRecord(line, number + i, name);
        if (!(record instanceof SmoothingError)) {
          if (record !== null) rows.next(record as T);
        } else if (!isCut) {
          rows.bad(record); // half a line that is left of a file is what a killed program leaves
        }
      }
      if (rows.closed) return;
    }
  };
}

/** The object in a line; null if it is blank, an error that says where if there is something else. */
export function jsonRecord(line: string, number: number, name: string): object | SmoothingError | null {
  const record = recordIn(line);
  if (!(record instanceof Fault)) return record;
  const { column, must, got } = record;
  return new SmoothingError(
    'FILE_FORMAT',
    `'${name}' line ${number}, character ${column}: must be ${must}, got ${got}`,
  );
}

/** Why a line is no record. */
class Fault {
  readonly column: number;
  readonly must: string;
  readonly got: string;

  constructor(column: number, must: string, got: string) {
    this.column = column;
    this.must = must;
    this.got = got;
  }
}

/** Null for a blank line. */
function recordIn(line: string): object | Fault | null {
  let value: unknown;
  try {
    value = parseJsonLine(line);
  } catch {
    if (/^\s*$/.test(line)) return null;
    if (line.includes('\0'))
      return new Fault(line.indexOf('\0') + 1, 'JSON in UTF-8', 'UTF-16 or no text (a zero byte)');
    const { column, got } = faultIn(line);
    return new Fault(column, 'JSON', got);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  return new Fault(line.search(/\S/) + 1, 'an object', shownShort(value));
}

const shownShort = (value: unknown): string => (Array.isArray(value) ? 'an array' : shown(value).slice(0, 40));
