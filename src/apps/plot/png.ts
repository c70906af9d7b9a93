import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { readFileSync } from 'node:fs';

import { packageFile } from '../packageFile.js';

/** Pixels of the picture for one of the document, so that it is sharp on a screen with as many. */
const SCALE = 2;

let ready: Promise<void> | null = null;

/** An SVG document as PNG, its text in DejaVu Sans whatever the machine has installed. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  ready ??= initWasm(readFileSync(packageFile('dist/cli/resvg.wasm')));
  await ready;
  const font = {
    fontBuffers: [readFileSync(packageFile('dist/cli/DejaVuSans.ttf'))],
    loadSystemFonts: false,
    defaultFontFamily: 'DejaVu Sans',
    sansSerifFamily: 'DejaVu Sans',
  };
  const picture = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: SCALE } });
  try {
    return picture.render().asPng();
  } finally {
    picture.free();
  }
}
