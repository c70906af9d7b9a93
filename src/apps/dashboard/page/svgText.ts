/** A piece of text in a picture; '' for none. */
export function words(text: string, x: number, y: number, anchor: string, color: string): string {
  if (text === '') return '';
  return `<text x="${n(x)}" y="${n(y)}" font-size="12" text-anchor="${anchor}" fill="${color}">${escaped(text)}</text>`;
}

/** A tenth of a pixel is as fine as anybody sees. */
export function n(pixels: number): string {
  return `${Math.round(pixels * 10) / 10}`;
}

/** A text as XML has it. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  // of characters that no XML may hold, control characters are the ones that names have
  const allowed = text.replaceAll(/\p{Cc}/gu, '\ufffd');
  return allowed.replaceAll(/[&<>"']/g, (letter) => names[letter]!);
}
