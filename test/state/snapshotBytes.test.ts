import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ema } from '../../src/ema.js';
import { SmoothingError } from '../../src/errors.js';
import { crc32 } from '../../src/state/crc32.js';
import { fromBytes, toBytes } from '../../src/state/snapshotBytes.js';
import type { SavedArray, Snapshot } from '../../src/types.js';

const anyArray: fc.Arbitrary<SavedArray> = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.bigInt64Array(),
);
const anyText = fc.string({ unit: 'binary' });
const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 5e-324));
const anySnapshot: fc.Arbitrary<Snapshot> = fc.record(
  {
    version: fc.constant(1 as const),
    plan: anyText,
    scalars: fc.dictionary(anyText, fc.oneof(anyNumber, anyText), { noNullPrototype: true }),
    shadows: fc.dictionary(anyText, anyArray, { noNullPrototype: true }),
  },
  { noNullPrototype: true },
);

const small: Snapshot = {
  version: 1,
  plan: '{"decay":0.5}',
  scalars: { step: 3, rest: NaN, kind: 'number' },
  shadows: { mean: Float64Array.of(1.5, -0), flags: Uint8Array.of(1, 2, 3) },
};

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SmoothingError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

/** Bytes with a right checksum whose header or format is another: what a later version, or nobody, would write. */
function forged(change: { header?: (header: Record<string, unknown>) => unknown; format?: number }): Uint8Array {
  const bytes = toBytes(small);
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(20, true);
  if (change.format !== undefined) view.setUint16(6, change.format, true);
  if (change.header !== undefined) {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(24, 24 + length))) as Record<string, unknown>;
    const other = JSON.stringify(change.header(header)) ?? 'no JSON';
    if (other.length > length) throw new Error('the forged header must fit the place of the right one');
    bytes.set(new TextEncoder().encode(other.padEnd(length)), 24);
  }
  view.setUint32(16, crc32(bytes.subarray(20), crc32(bytes.subarray(0, 16))), true);
  return bytes;
}

describe('toBytes and fromBytes', () => {
  it('give back any snapshot: plan, scalars with NaN, infinities and −0, arrays of every kind (property)', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const back = fromBytes(toBytes(snapshot));
        expect(back).toStrictEqual(snapshot);
        expect(Object.keys(back.shadows)).toEqual(Object.keys(snapshot.shadows));
      }),
      { numRuns: 500 },
    );
  });

  it('keep the bits of a NaN and of −0 in an array', () => {
    const bits = BigInt64Array.of(0x7ff8_0000_dead_beefn, -(2n ** 63n));
    const mean = new Float64Array(bits.buffer);
    const back = fromBytes(toBytes({ ...small, shadows: { mean } })).shadows['mean']!;
    expect(new BigInt64Array(back.buffer)).toEqual(bits);
  });

  it('keep names as __proto__ and strings that are no Unicode', () => {
    const scalars = Object.fromEntries([
      ['__proto__', 1],
      ['toString', 'a\ud800b'],
    ]);
    expect(Object.entries(fromBytes(toBytes({ ...small, scalars })).scalars)).toEqual(Object.entries(scalars));
  });

  it('resume an Ema from bytes so that it goes on bit for bit', () => {
    const ema = new Ema({ halfLife: 7 });
    for (const value of [1, NaN, 0.1, 1e300]) ema.update(value);
    const resumed = new Ema({ halfLife: 7 }, fromBytes(toBytes(ema.snapshot())));
    for (const value of [3, -0.7, null as unknown as number, 1e-300]) {
      expect(resumed.update(value)).toBe(ema.update(value));
    }
  });

  it('write arrays that are views in the middle of their buffer', () => {
    const mean = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(fromBytes(toBytes({ ...small, shadows: { mean } })).shadows['mean']).toEqual(Float64Array.of(2, 3));
  });

  it('read bytes at any offset of their buffer, a Node Buffer among them (property)', () => {
    const bytes = toBytes(small);
    fc.assert(
      fc.property(fc.nat(17), (offset) => {
        const moved = new Uint8Array(bytes.byteLength + offset + 3).subarray(offset, offset + bytes.byteLength);
        moved.set(bytes);
        expect(fromBytes(moved)).toStrictEqual(small);
      }),
    );
    expect(fromBytes(Buffer.from(bytes))).toStrictEqual(small);
  });

  it('share no memory with what they were given', () => {
    const mean = Float64Array.of(1);
    const bytes = toBytes({ ...small, shadows: { mean } });
    mean[0] = 2;
    const back = fromBytes(bytes);
    bytes.fill(0);
    expect(back.shadows['mean']).toEqual(Float64Array.of(1));
    expect(back.shadows['mean']?.buffer.byteLength).toBe(8);
  });

  it('begin every array at a multiple of 8', () => {
    const bytes = toBytes({ ...small, shadows: { a: Uint8Array.of(7), b: Float64Array.of(0.1) } });
    expect(bytes.byteLength % 8).toBe(0);
    expect([...bytes.subarray(-16)]).toEqual([7, 0, 0, 0, 0, 0, 0, 0, ...new Uint8Array(Float64Array.of(0.1).buffer)]);
  });
});

describe('fromBytes', () => {
  it('refuses every truncation as SNAPSHOT_CORRUPT (property)', () => {
    const bytes = toBytes(small);
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(codeOf(() => fromBytes(bytes.subarray(0, length)))).toBe('SNAPSHOT_CORRUPT');
    }
    fc.assert(
      fc.property(anySnapshot, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (snapshot, share) => {
        const whole = toBytes(snapshot);
        const part = whole.subarray(0, Math.floor(share * whole.byteLength));
        expect(codeOf(() => fromBytes(part))).toBe('SNAPSHOT_CORRUPT');
      }),
    );
  });

  it('refuses every change of a single byte as SNAPSHOT_CORRUPT', () => {
    const bytes = toBytes(small);
    const accepted: string[] = [];
    for (let at = 0; at < bytes.byteLength; at++) {
      for (let flip = 1; flip < 256; flip++) {
        bytes[at]! ^= flip;
        const code = codeOf(() => fromBytes(bytes));
        if (code !== 'SNAPSHOT_CORRUPT') accepted.push(`byte ${at} ^ ${flip}: ${code}`);
        bytes[at]! ^= flip;
      }
    }
    expect(accepted).toEqual([]);
    expect(fromBytes(bytes)).toStrictEqual(small);
  });

  it('refuses bytes that go on behind the end (property)', () => {
    const bytes = toBytes(small);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (tail) => {
        expect(codeOf(() => fromBytes(Uint8Array.of(...bytes, ...tail)))).toBe('SNAPSHOT_CORRUPT');
      }),
    );
  });

  it('refuses two snapshots in one, and half of one with half of another', () => {
    const [one, two] = [toBytes(small), toBytes({ ...small, scalars: { step: 4, rest: NaN, kind: 'number' } })];
    expect(one.byteLength).toBe(two.byteLength);
    expect(codeOf(() => fromBytes(Uint8Array.of(...one, ...two)))).toBe('SNAPSHOT_CORRUPT');
    const mixed = Uint8Array.of(...one.subarray(0, 80), ...two.subarray(80));
    expect(codeOf(() => fromBytes(mixed))).toBe('SNAPSHOT_CORRUPT');
  });

  it('refuses whole bytes of another format or snapshot version as SNAPSHOT_VERSION', () => {
    expect(fromBytes(forged({}))).toStrictEqual(small);
    expect(codeOf(() => fromBytes(forged({ format: 2 })))).toBe('SNAPSHOT_VERSION');
    expect(codeOf(() => fromBytes(forged({ header: (header) => ({ ...header, version: 2 }) })))).toBe(
      'SNAPSHOT_VERSION',
    );
    expect(codeOf(() => fromBytes(forged({ header: () => ({}) })))).toBe('SNAPSHOT_VERSION');
  });

  const array = { name: 'a', dtype: 'Uint8Array', length: 1, offset: 0 };
  it.each<[string, (header: Record<string, unknown>) => unknown]>([
    ['that is a list', () => []],
    ['that is null', () => null],
    ['that is no JSON', () => undefined],
    ['without a plan', (header) => ({ ...header, plan: undefined })],
    ['without scalars', (header) => ({ ...header, scalars: undefined })],
    ['without arrays', (header) => ({ ...header, arrays: undefined })],
    ['with a scalar that is a list', (header) => ({ ...header, scalars: { step: [] } })],
    ['with a scalar that is an unknown number', (header) => ({ ...header, scalars: { step: { number: '1' } } })],
    ['with fewer arrays than bytes', (header) => ({ ...header, arrays: [] })],
    ['with an array of an unknown dtype', (header) => ({ ...header, arrays: [{ ...array, dtype: 'Array' }] })],
    ['with an array of a negative length', (header) => ({ ...header, arrays: [{ ...array, length: -1 }] })],
    ['with an array that is longer than the bytes', (header) => ({ ...header, arrays: [{ ...array, length: 99 }] })],
    ['with an array elsewhere', (header) => ({ ...header, arrays: [{ ...array, offset: 8 }] })],
    ['with an array that is null', (header) => ({ ...header, arrays: [null] })],
  ])('refuses a header %s', (_what, header) => {
    expect(codeOf(() => fromBytes(forged({ header })))).toBe('SNAPSHOT_CORRUPT');
  });

  it.each([undefined, null, 'rx-ema', [], {}, new ArrayBuffer(99), new Float64Array(9)])('refuses %o', (value) => {
    expect(codeOf(() => fromBytes(value as Uint8Array))).toBe('SNAPSHOT_CORRUPT');
  });

  it('refuses a file of another kind', () => {
    expect(codeOf(() => fromBytes(new TextEncoder().encode('{"version":1,"plan":"","scalars":{},"shadows":{}}')))).toBe(
      'SNAPSHOT_CORRUPT',
    );
  });
});

describe('toBytes', () => {
  it.each<[string, unknown, string]>([
    ['a snapshot of another version', { ...small, version: 2 }, 'SNAPSHOT_VERSION'],
    ['no snapshot', null, 'SNAPSHOT_CORRUPT'],
    ['a snapshot without a plan', { ...small, plan: undefined }, 'SNAPSHOT_CORRUPT'],
    ['a snapshot without scalars', { ...small, scalars: undefined }, 'SNAPSHOT_CORRUPT'],
    ['a snapshot without shadows', { ...small, shadows: undefined }, 'SNAPSHOT_CORRUPT'],
    ['a scalar that is a boolean', { ...small, scalars: { done: true } }, 'SNAPSHOT_CORRUPT'],
    ['a shadow that is a plain list', { ...small, shadows: { mean: [1] } }, 'SNAPSHOT_CORRUPT'],
    [
      'a shadow of a kind that is not kept',
      { ...small, shadows: { mean: new DataView(new ArrayBuffer(1)) as never } },
      'SNAPSHOT_CORRUPT',
    ],
  ])('refuses %s', (_what, snapshot, code) => {
    expect(codeOf(() => toBytes(snapshot as Snapshot))).toBe(code);
  });
});

it('crc32 is the one of gzip and PNG, in one go or in parts', () => {
  const check = new TextEncoder().encode('123456789');
  expect(crc32(check)).toBe(0xcbf43926);
  expect(crc32(check.subarray(4), crc32(check.subarray(0, 4)))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});
