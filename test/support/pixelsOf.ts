import { inflateSync } from 'node:zlib';

/** A picture's pixels, each as 'r,g,b'. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): string;
  count(test: (pixel: string) => boolean): number;
}

const RGBA = 4;

/** Decodes a PNG of 8 bits a channel with alpha, not interlaced. */
export function pixelsOf(png: Buffer): Pixels {
  if (png.toString('latin1', 1, 4) !== 'PNG') throw new Error('no PNG');
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (png[24] !== 8 || png[25] !== 6 || png[28] !== 0) throw new Error('not 8 bits a channel with alpha');
  const rows = unfiltered(inflateSync(Buffer.concat(parts)), width * RGBA, height);
  const at = (x: number, y: number): string => rows.subarray((y * width + x) * RGBA, (y * width + x) * RGBA + 3).join();
  return {
    width,
    height,
    at,
    count(test) {
      let count = 0;
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (test(at(x, y))) count++;
      return count;
    },
  };
}

/** Rows without the byte in front that says how they were filtered. */
function unfiltered(data: Buffer, stride: number, height: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)]!;
    for (let i = 0; i < stride; i++) {
      const here = y * stride + i;
      const left = i >= RGBA ? out[here - RGBA]! : 0;
      const above = y > 0 ? out[here - stride]! : 0;
      const corner = i >= RGBA && y > 0 ? out[here - stride - RGBA]! : 0;
      const guess = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!;
      out[here] = data[y * (stride + 1) + 1 + i]! + guess;
    }
  }
  return out;
}

/** Whichever is nearest to left + above − corner. */
function paeth(left: number, above: number, corner: number): number {
  const [a, b, c] = [left, above, corner].map((one) => Math.abs(left + above - corner - one)) as [
    number,
    number,
    number,
  ];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}
