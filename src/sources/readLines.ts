import type { Piece } from './growingFile.js';

/**
 * Lines of UTF-8 text, without their newlines; a byte order mark is left out. What is behind the last newline is a line once
 * the pieces end, or a `fresh` one comes.
 *
 * @param take - is given a line and its number, from 1 in each file; false for no more
 */
export async function readLines(
  pieces: AsyncIterable<Piece>,
  take: (line: string, number: number) => boolean,
): Promise<void> {
  let decoder = new TextDecoder();
  let parts: string[] = []; // of a line that goes on; joined once, however long it gets
  let number = 0;
  const takeRest = (): boolean => {
    const rest = parts.join('') + decoder.decode();
    parts = [];
    return rest === '' || take(rest, number + 1);
  };
  for await (const { bytes, fresh } of pieces) {
    if (fresh) {
      if (!takeRest()) return;
      decoder = new TextDecoder();
      number = 0;
    }
    const text = decoder.decode(bytes, { stream: true });
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      const end = text.slice(from, to);
      const line = parts.length === 0 ? end : parts.join('') + end;
      if (parts.length > 0) parts = [];
      from = to + 1;
      if (!take(line, ++number)) return;
    }
    if (from < text.length) parts.push(text.slice(from));
  }
  takeRest();
}
