/** Attributes by name; what is null or empty is left out. Numbers are written with two decimals at most. */
export type Attributes = Readonly<Record<string, string | number | null>>;

/**
 * An element of XML.
 *
 * @param content - XML already, or nothing
 */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === null || value === '' ? [] : [` ${key}="${typeof value === 'number' ? round(value) : escaped(value)}"`],
  );
  const open = `<${name}${written.join('')}`;
  return content === '' ? `${open}/>` : `${open}>${content}</${name}>`;
}

/** Text as XML: it says what it says, whatever is in it. What XML can't hold at all becomes U+FFFD. */
export function escaped(text: string): string {
  return text.replaceAll(UNHELD, '\uFFFD').replaceAll(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** Controls, halves of pairs, and what is no character. */
const UNHELD = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

const round = (value: number): string => String(Math.round(value * 100) / 100);
