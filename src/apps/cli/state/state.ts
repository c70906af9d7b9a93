import { readFileSync } from 'node:fs';

import { shown, SmoothingError } from '../../../errors.js';
import { failure, said } from '../../../failure.js';
import { didYouMean } from '../../../options.js';
import { fromBytes } from '../../../state/fromBytes.js';
import { listed } from '../listed.js';
import { PIPE } from '../smooth/formats.js';
import { ClosedPipe, outputTo } from '../smooth/output.js';
import { UsageError } from '../usageError.js';
import { amount } from '../worker/words.js';
import { heldState, type HeldState } from './heldState.js';
import type { StateFlags } from './stateFlags.js';
import type { StateRows } from './stateRows.js';
import { tableText } from './tableText.js';

/** Rows that a table has if nothing is said. */
const FEW = 20;
/** Characters that are written at once. */
const PIECE = 2 ** 16;
/** Keys among which one is looked for that is meant. */
const NEAR = 1000;

/** Does the work of `rx-ema state`. */
export async function state(path: string, flags: StateFlags): Promise<void> {
  const { json, limit = json === true ? Infinity : FEW } = flags;
  if (!(limit >= 1) || (limit < Infinity && !Number.isInteger(limit))) {
    throw new UsageError(`--limit must be an integer >= 1, got ${limit}`);
  }
  const held = heldIn(path);
  const [from, to] = rangeOf(held.rows, flags);
  const last = Math.min(to, from + limit);
  const output = outputTo(PIPE, false);
  try {
    for (const text of json === true ? lines(held.rows, from, last) : page(path, held, from, last, to)) {
      await output.write(Buffer.from(text));
    }
  } catch (error) {
    if (!(error instanceof ClosedPipe)) throw error;
  }
}

/** @throws SmoothingError that names the file */
function heldIn(path: string): HeldState {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw failure('SOURCE_UNREADABLE', `'${path}' must be a file that can be read, got ${said(error)}`, error);
  }
  try {
    return heldState(fromBytes(bytes));
  } catch (error) {
    throw error instanceof SmoothingError ? failure(error.code, `'${path}': ${error.message}`, error) : error;
  }
}

/** The rows to print: all, or the one that is asked for. */
function rangeOf(rows: StateRows, { key }: StateFlags): [from: number, to: number] {
  if (key === undefined) return [0, rows.count];
  if (rows.of === null) throw new UsageError(`--key must come with a state that has keys, got ${shown(key)}`);
  const names = Array.from({ length: rows.count }, (_, row) => rows.nameOf(row));
  const row = names.indexOf(key);
  if (row >= 0) return [row, row + 1];
  const among = `${amount(rows.count, rows.of)} in the file${rows.count === 0 ? '' : ` (${listed(names)})`}`;
  throw new UsageError(`--key must be one of the ${among}, got ${shown(key)}${didYouMean(key, names.slice(0, NEAR))}`);
}

function* lines(rows: StateRows, from: number, to: number): Generator<string> {
  let text = '';
  for (let row = from; row < to; row++) {
    text += `${JSON.stringify(rows.recordOf(row))}\n`;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  yield text;
}

function* page(path: string, { lines, rows }: HeldState, from: number, last: number, to: number): Generator<string> {
  const [what, ...more] = lines;
  yield `${path}: ${what}\n${more.map((line) => `${line}\n`).join('')}`;
  if (last === from) return;
  const cells = Array.from({ length: last - from }, (_, i) => rows.cellsOf(from + i));
  yield `\n${tableText(rows.heads, cells)}`;
  if (last < to) yield `… and ${(to - last).toLocaleString('en')} more: --limit, --json\n`;
}
