import { describe, expect, it } from 'vitest';
import { INKS, styleOf, type Theme } from '../../../../src/apps/dashboard/page/palette.js';

const THEMES: readonly Theme[] = ['light', 'dark'];

/** WCAG 2's contrast of two colours. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

describe.each(THEMES)('colours in the %s theme', (theme) => {
  it('of runs have 3 : 1 on their ground', () => {
    for (let i = 0; i < 8; i++) {
      expect(contrast(styleOf(i, theme).color, INKS[theme].ground)).toBeGreaterThanOrEqual(3);
    }
  });

  it('of words have 4.5 : 1', () => {
    const { ground, text, quiet } = INKS[theme];
    for (const ink of [text, quiet]) expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('and dashes tell 32 runs apart', () => {
    const looks = Array.from({ length: 32 }, (_, i) => JSON.stringify(styleOf(i, theme)));
    expect(new Set(looks).size).toBe(32);
  });
});

it('takes the colour that somebody chose', () => {
  expect(styleOf(9, 'light', '#123456')).toEqual({ color: '#123456', dash: [] });
});
