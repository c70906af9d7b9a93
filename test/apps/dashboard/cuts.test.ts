import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cuts } from '../../../src/apps/dashboard/cuts.js';

describe('cuts', () => {
  it('tell the least length that was left since any of them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (lengths) => {
        const cuts = new Cuts();
        for (const length of lengths) cuts.add(length);
        expect(cuts.count).toBe(lengths.length);
        for (let known = 0; known <= lengths.length + 1; known++) {
          expect(cuts.leastSince(known)).toBe(Math.min(...lengths.slice(known)));
        }
      }),
    );
  });
});
