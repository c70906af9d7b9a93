import { numberAt } from './numberAt.js';
import { textAt } from './csvBlock.js';

const QUOTE = 0x22;

/** What Python, pandas, numpy and R write where there is no value. */
const MISSING = new Set(['', 'na', 'n/a', '<na>', '#n/a', 'null', 'none', 'nat']);
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
]);

/**
 * A cell as a number: null if it says that there is none, undefined if it is text. `nan`, `inf` and `infinity` are numbers, in
 * any case and with any sign.
 */
export function cellNumber(bytes: Uint8Array, start: number, end: number): number | null | undefined {
  const isQuoted = start < end && bytes[start] === QUOTE;
  const value = isQuoted ? numberAt(bytes, start + 1, end - 1) : numberAt(bytes, start, end);
  return value === value ? value : wordNumber(textAt(bytes, start, end)); // a word is the exception
}

function wordNumber(text: string): number | null | undefined {
  const word = text.trim().toLowerCase();
  if (MISSING.has(word)) return null;
  const value = NUMBERS.get(word.replace(/^[+-]/, ''));
  return value !== undefined && word.startsWith('-') ? -value : value;
}
