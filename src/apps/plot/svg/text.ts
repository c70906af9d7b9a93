import { element, escaped, type Attributes } from './xml.js';

/** Fonts whose widths are near to each other, so that what fits in one fits in the others. */
export const FONTS = 'Helvetica, Arial, "DejaVu Sans", "Liberation Sans", sans-serif';

/** How wide text is at most, in px: nobody asks the font, which the reader chooses. */
export function widthOf(text: string, size: number): number {
  let ems = 0;
  for (const letter of text)
    ems += /[\u1100-\uFFFF]|\p{Emoji_Presentation}/u.test(letter) ? 1 : /[A-Z0-9mwMW_@%]/.test(letter) ? 0.68 : 0.56;
  return ems * size;
}

const LETTERS = new Intl.Segmenter();

/** Text that fits, its middle left out if need be: ends tell names apart. */
export function fitting(text: string, size: number, width: number): string {
  if (widthOf(text, size) <= width) return text;
  const letters = Array.from(LETTERS.segment(text), ({ segment }) => segment);
  for (let kept = letters.length - 1; kept > 2; kept--) {
    const [head, tail] = [Math.ceil(kept / 2), Math.floor(kept / 2)];
    const short = `${letters.slice(0, head).join('')}…${letters.slice(letters.length - tail).join('')}`;
    if (widthOf(short, size) <= width) return short;
  }
  return letters.length > 1 ? `${letters[0]!}…` : text;
}

/** A line of text at a place, cut to a width; the whole of it is its tooltip then. */
export function text(
  content: string,
  attributes: Attributes & { readonly 'font-size': number },
  width = Infinity,
): string {
  const shown = fitting(content, attributes['font-size'], width);
  const whole = shown === content ? '' : element('title', {}, escaped(content));
  return element('text', attributes, escaped(shown) + whole);
}
