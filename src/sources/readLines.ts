import { SmoothingError } from '../errors.js';
import type { Piece } from './growingFile.js';

/** Longer ones would fill the memory before anything is known of them. */
const MOST_CHARACTERS = 2 ** 26;

/** Where lines go. */
export interface LineTaker {
  /** As errors have it. */
  readonly name: string;
  /**
   * @param number - of the line, from 1 in each file
   * @param isCut - another file has taken the place of this one: the line may be half of one
   * @returns false for no more
   */
  readonly take: (line: string, number: number, isCut: boolean) => boolean;
}

/**
 * Lines of UTF-8 text, without their newlines; a byte order mark is left out. What is behind the last newline is a line once
 * the pieces end, or a `fresh` one comes.
 *
 * @throws SmoothingError `FILE_FORMAT` for a line beyond 64 Mi characters
 */
export async function readLines(pieces: AsyncIterable<Piece>, { name, take }: LineTaker): Promise<void> {
  let decoder = new TextDecoder();
  let parts: string[] = []; // of a line that goes on; joined once, however long it gets
  let held = 0; // characters in them
  let number = 0;
  const takeRest = (isCut: boolean): boolean => {
    const rest = parts.join('') + decoder.decode();
    [parts, held] = [[], 0];
    return rest === '' || take(rest, number + 1, isCut);
  };
  for await (const { bytes, fresh } of pieces) {
    if (fresh) {
      if (!takeRest(true)) return;
      decoder = new TextDecoder();
      number = 0;
    }
    const text = decoder.decode(bytes, { stream: true });
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      const end = text.slice(from, to);
      const line = parts.length === 0 ? end : parts.join('') + end;
      if (parts.length > 0) [parts, held] = [[], 0];
      from = to + 1;
      if (!take(line, ++number, false)) return;
    }
    if (from < text.length) parts.push(text.slice(from));
    held += text.length - from;
    if (held > MOST_CHARACTERS) throw tooLong(name, number + 1, held);
  }
  takeRest(false);
}

function tooLong(name: string, line: number, held: number): SmoothingError {
  const got = `got ${held} characters without its end`;
  return new SmoothingError('FILE_FORMAT', `'${name}' line ${line} must be 64 Mi characters at most, ${got}`);
}
