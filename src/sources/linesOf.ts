import { SmoothingError } from '../errors.js';
import type { Piece } from './growingFile.js';

/** Longer ones would fill the memory before anything is known of them. */
const MOST_CHARACTERS = 2 ** 26;

/** Lines of one piece of a file, in order. */
export interface Lines {
  /** Without their newlines. */
  readonly lines: readonly string[];
  /** Of the first, as errors have it: from 1 in each file. */
  readonly number: number;
  /** Another file has taken the place of this one: the line, the last of the old one, may be half of one. */
  readonly isCut: boolean;
}

/**
 * Lines of UTF-8 text, as many at a time as a piece has; a byte order mark is left out. What is behind the last newline is a
 * line once the pieces end, or a `fresh` one comes.
 *
 * @param name - of what the lines are from, in errors
 * @throws SmoothingError `FILE_FORMAT` for a line beyond 64 Mi characters
 */
export async function* linesOf(pieces: AsyncIterable<Piece>, name: string): AsyncGenerator<Lines> {
  let decoder = new TextDecoder();
  let parts: string[] = []; // of a line that goes on; joined once, however long it gets
  let held = 0; // characters in them
  let number = 1;
  const rest = (isCut: boolean): Lines => {
    const line = parts.join('') + decoder.decode();
    [parts, held] = [[], 0];
    return { lines: line === '' ? [] : [line], number, isCut };
  };
  for await (const { bytes, fresh } of pieces) {
    if (fresh) {
      yield rest(true);
      decoder = new TextDecoder();
      number = 1;
    }
    const [first, ...more] = decoder.decode(bytes, { stream: true }).split('\n') as [string, ...string[]];
    parts.push(first);
    held += first.length;
    if (more.length > 0) {
      const lines = [parts.join(''), ...more];
      parts = [lines.pop()!];
      held = parts[0]!.length;
      yield { lines, number, isCut: false };
      number += lines.length;
    }
    if (held > MOST_CHARACTERS) throw tooLong(name, number, held);
  }
  yield rest(false);
}

function tooLong(name: string, line: number, held: number): SmoothingError {
  const got = `got ${held} characters without its end`;
  return new SmoothingError('FILE_FORMAT', `'${name}' line ${line} must be 64 Mi characters at most, ${got}`);
}
