import { decayOf } from './amount.js';
import { amountOf } from './chartState.js';
import { saveFile } from './saveFile.js';
import { sceneOf } from './sceneOf.js';
import { FONT, svgOf } from './svg.js';

const FINENESS = 2;

/** Saves a chart as it is seen, as a drawing that stays sharp. */
export function saveSvg(tag: string): void {
  saveFile(svgBlob(tag), `${tag}.svg`);
}

/** Saves a chart as it is seen, in pixels. */
export async function savePng(tag: string): Promise<void> {
  const url = URL.createObjectURL(svgBlob(tag));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * FINENESS;
  canvas.height = image.naturalHeight * FINENESS;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  canvas.toBlob((png) => png !== null && saveFile(png, `${tag}.png`), 'image/png');
}

function svgBlob(tag: string): Blob {
  const scene = sceneOf(tag, decayOf(amountOf(tag)) === 0, null);
  const canvas = document.createElement('canvas').getContext('2d')!;
  canvas.font = `12px ${FONT}`;
  const widthOf = (text: string): number => canvas.measureText(text).width;
  return new Blob([svgOf(tag, scene, widthOf)], { type: 'image/svg+xml' });
}
