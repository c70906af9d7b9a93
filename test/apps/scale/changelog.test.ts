import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_KEY, keyOf, keyTextOf, readable, rowBytes, rowOf } from '../../../src/apps/scale/changelog.js';
import { holds } from '../../holds.js';
import { refusal } from '../../refusal.js';

const RESERVED = '\0rx-ema';
const bytes = fc.uint8Array({ maxLength: 6 }).map((list) => Buffer.from(list));

describe('a key of the changelog', () => {
  it('is the bytes of the message’s, whatever they are, and none is a key of its own', () => {
    holds(
      fc.property(bytes, bytes, (one, other) => {
        const row = rowBytes(keyOf(one), 7, Float64Array.of(1));
        expect(row.key).toEqual(one);
        expect(keyTextOf(row.key)).toBe(keyOf(one));
        expect(keyOf(one) === keyOf(other)).toBe(one.equals(other));
      }),
    );
    const none = rowBytes(keyOf(null), 7, Float64Array.of(1));
    expect(none.key.toString()).toBe(`${RESERVED}:null`);
    expect(keyTextOf(none.key)).toBeNull();
  });

  it.each([RESERVED, `${RESERVED}:null`, `${RESERVED}x`])('is refused where it could be taken for ours: %j', (key) => {
    expect(refusal(() => keyOf(Buffer.from(key)))).toEqual({
      code: 'KEY_KIND',
      message: `a message's key must not begin with '\\0rx-ema', which the changelog needs, got ${JSON.stringify(key)}`,
    });
  });

  it.each(['\0rx-em', 'rx-ema', '', '\0'])('is not refused where it could not: %j', (key) => {
    expect(keyOf(Buffer.from(key))).toBe(key);
  });

  it('is shown as UTF-8, or with its bytes escaped', () => {
    const shown = [Buffer.from('größe'), Buffer.of(0x61, 0xff, 0x80)].map((key) => readable(keyOf(key) as string));
    expect(shown).toEqual(['größe', 'a\\xff\\x80']);
  });
});

describe('a row of the changelog', () => {
  const doubles = fc.array(fc.double(), { maxLength: 9 }).map((list) => Float64Array.from(list));

  it('comes back bit for bit, wherever its bytes lie', () => {
    holds(
      fc.property(fc.maxSafeNat(), doubles, fc.nat(9), (next, row, before) => {
        const { value } = rowBytes('k', next, row);
        const moved = Buffer.concat([Buffer.alloc(before), value!]).subarray(before);
        expect(rowOf(moved)).toEqual({ next, row });
      }),
    );
  });

  it('is little-endian doubles, of which the first is the next offset', () => {
    const { value } = rowBytes('k', 3, Float64Array.of(0.5));
    expect([value!.readDoubleLE(0), value!.readDoubleLE(8), value!.length]).toEqual([3, 0.5, 16]);
  });

  it('has no value once nothing is kept of its key', () => {
    expect(rowBytes('k', 3, undefined)).toEqual({ key: Buffer.from('k'), value: null });
  });

  it.each([
    ['nothing', Buffer.alloc(0), '0 bytes'],
    ['half a double', Buffer.alloc(20), '20 bytes'],
    ['an offset that is no number', rowBytes('k', NaN, Float64Array.of(1)).value!, 'NaN for an offset'],
    ['an offset below 0', rowBytes('k', -1, Float64Array.of(1)).value!, '-1 for an offset'],
    ['half an offset', rowBytes('k', 1.5, Float64Array.of(1)).value!, '1.5 for an offset'],
  ])('is refused if it is %s', (_, value, got) => {
    const message = `a row of the changelog must be an offset and doubles, got ${got}`;
    expect(refusal(() => rowOf(value))).toEqual({ code: 'SNAPSHOT_CORRUPT', message });
  });

  it('has a key that no message can have, if it is the head', () => {
    expect(refusal(() => keyOf(HEAD_KEY)).code).toBe('KEY_KIND');
  });
});
