import { nonFinite } from '../nonFinite.js';
import { numberAt } from './numberAt.js';
import { textAt } from './csvBlock.js';

const QUOTE = 0x22;

/** What Python, pandas, numpy and R write where there is no value. */
const MISSING = new Set(['', 'na', 'n/a', '<na>', '#n/a', 'null', 'none', 'nat']);

/** A cell as a number: null if it says that there is none, undefined if it is text. Words are numbers as `nonFinite` has them. */
export function cellNumber(bytes: Uint8Array, start: number, end: number): number | null | undefined {
  const isQuoted = start < end && bytes[start] === QUOTE;
  const value = isQuoted ? numberAt(bytes, start + 1, end - 1) : numberAt(bytes, start, end);
  return value === value ? value : wordNumber(textAt(bytes, start, end)); // a word is the exception
}

function wordNumber(text: string): number | null | undefined {
  return MISSING.has(text.trim().toLowerCase()) ? null : nonFinite(text);
}
