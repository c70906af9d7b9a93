import type { Paint } from './braille.js';

/** Text as a terminal may have it: names come from files, and nothing in them may steer it. */
export const typed = (text: string): string =>
  text.replaceAll('−', '-').replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD');

/** Words on as many lines as they need, with two blanks between. */
export function wrapped(words: readonly { readonly text: string; readonly paint: Paint }[], columns: number): string[] {
  const lines: string[] = [];
  let used = Infinity;
  for (const { text, paint } of words) {
    const shown = paint === null ? text : paint(text);
    used += 2 + text.length;
    if (used <= columns) lines.push(`${lines.pop()!}  ${shown}`);
    else {
      lines.push(shown);
      used = text.length;
    }
  }
  return lines;
}
