import { describe, expect, it } from 'vitest';
import { tableText } from '../../../../src/apps/cli/state/tableText.js';

describe('a table as text', () => {
  it('has columns as wide as their widest cell, the head among them', () => {
    expect(tableText(['key', 'x'], [['a', '1.25'], ['longer', '']])).toBe('key     x\na       1.25\nlonger\n'); // prettier-ignore
  });

  it('has as many rows as it is given', () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => [`${i}`]);
    const lines = tableText(['row'], rows).split('\n');
    expect([lines.length, lines.at(-2)]).toEqual([200_002, '199999']);
  });
});
