import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/state/crc32c.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the catalogue of parametrised CRC algorithms
  it.each([
    ['digits', bytes('123456789'), 0xe3069283],
    ['zeros', new Uint8Array(32), 0x8a9136aa],
    ['ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['an ascent', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['nothing', new Uint8Array(0), 0],
  ])('is what is published for %s', (_, data, expected) => {
    expect(crc32c(data)).toBe(expected);
  });

  it('sums a part', () => {
    expect(crc32c(bytes('--123456789--'), 2, 11)).toBe(0xe3069283);
  });
});
