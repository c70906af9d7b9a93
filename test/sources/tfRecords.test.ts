import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TfRecords } from '../../src/sources/tfRecords.js';
import { record } from '../support/tfevents.js';

/** What comes of a file in these pieces. Each is overwritten afterwards: they are lent. */
function cut(pieces: readonly Uint8Array[]) {
  const got: string[] = [];
  const damage: string[] = [];
  const records = new TfRecords(({ number, at }, what) => damage.push(`${number} @${at}: ${what}`));
  for (const piece of pieces) {
    const lent = Buffer.from(piece);
    for (const { bytes, begin, end, number, at } of records.read(lent)) {
      got.push(`${number} @${at}: ${Buffer.from(bytes.subarray(begin, end)).toString('latin1')}`);
    }
    lent.fill(0);
  }
  return { got, damage };
}

const texts = ['a', '', 'ccc'.repeat(100), 'dd'];
const file = Buffer.concat(texts.map((text) => record(Buffer.from(text))));
const whole = ['1 @0: a', '2 @17: ', `3 @33: ${texts[2]}`, '4 @349: dd'];

describe('TfRecords', () => {
  it('gives the same records wherever the bytes are cut', () => {
    expect(cut([file])).toEqual({ got: whole, damage: [] });
    for (let at = 0; at <= file.length; at++) {
      expect(cut([file.subarray(0, at), file.subarray(at)])).toEqual({ got: whole, damage: [] });
    }
    expect(cut(Array.from(file, (byte) => Uint8Array.of(byte)))).toEqual({ got: whole, damage: [] });
  });

  it('gives each record with the piece that makes it whole', () => {
    for (let length = 0; length <= file.length; length++) {
      const expected = whole.filter((_, i) => length >= [17, 33, 349, 367][i]!);
      expect(cut([file.subarray(0, length)])).toEqual({ got: expected, damage: [] });
    }
  });

  it('leaves out a record whose data were changed, and goes on behind it', () => {
    const changed = Buffer.from(file);
    changed[60]! ^= 1;
    const damage = ['3 @33: have the checksum of its data, got another'];
    expect(cut([changed])).toEqual({ got: [whole[0], whole[1], whole[3]], damage });
  });

  it('ends where a length was changed, and tells once', () => {
    const changed = Buffer.from(file);
    changed[18]! ^= 1;
    const damage = ["2 @17: have the checksum of its length, got another, so what follows can't be found"];
    expect(cut([changed.subarray(0, 100), changed.subarray(100), file])).toEqual({ got: [whole[0]], damage });
  });

  it('says of bytes that are something else that they are', () => {
    const damage = ["1 @0: be one of a TFRecord file, got another, so what follows can't be found"];
    expect(cut([Buffer.from('step,loss\n1,0.5\n')])).toEqual({ got: [], damage });
  });

  it('gives nothing wrong, whichever bit is changed', () => {
    const bit = fc.integer({ min: 0, max: file.length * 8 - 1 });
    fc.assert(
      fc.property(bit, (at) => {
        const changed = Buffer.from(file);
        changed[at >> 3]! ^= 1 << (at & 7);
        const { got, damage } = cut([changed]);
        expect(damage).toHaveLength(1);
        expect(got.filter((one) => !whole.includes(one))).toEqual([]);
        expect(got.length).toBeLessThan(whole.length);
      }),
      { numRuns: 500 },
    );
  });
});
