import { escaped } from '../../plot/svg/xml.js';

/** A piece of text in a picture; '' for none. */
export function words(text: string, x: number, y: number, anchor: string, color: string): string {
  if (text === '') return '';
  return `<text x="${n(x)}" y="${n(y)}" font-size="12" text-anchor="${anchor}" fill="${color}">${escaped(text)}</text>`;
}

/** A tenth of a pixel is as fine as anybody sees. */
export function n(pixels: number): string {
  return `${Math.round(pixels * 10) / 10}`;
}
