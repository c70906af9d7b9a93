import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lerp32 } from '../../src/kernels/lerp32.js';
import { LERP32 } from '../../src/kernels/lerp32Bytes.js';
import { arrays32, lerp32On, move32 } from '../../src/kernels/lerp32Wasm.js';
import { compiled } from '../../tools/build-wasm.js';

const MAX32 = 2 ** 128 - 2 ** 104;
const NUMBERS = [0, -0, 1, -1, NaN, Infinity, -Infinity, MAX32, -MAX32, 2 ** -149, 1 + 2 ** -23];
const floats = fc.array(fc.oneof({ weight: 9, arbitrary: fc.float() }, fc.constantFrom(...NUMBERS)), { maxLength: 80 });
const gains = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-9, 1 - 2 ** -30));

/** y, low and refused after one step, as the twin in JavaScript has it. */
function byTwin(y: Float32Array, low: Float32Array | null, x: Float32Array, gain: number, guarded: boolean): unknown {
  const [mean, rest] = [y.slice(), low === null ? null : low.slice()];
  return { refused: lerp32(mean, rest, x, gain, guarded), y: mean, low: rest };
}

/** The same in a memory of the kernel's, at addresses that are multiples of 4 only. */
function byKernel(y: Float32Array, low: Float32Array | null, x: Float32Array, gain: number, guarded: boolean): unknown {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const n = y.length;
  const at = [4, 4 * (n + 3), 4 * (2 * n + 5)] as const;
  const [mean, rest, values] = at.map((offset) => new Float32Array(memory.buffer, offset, n)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  mean.set(y);
  rest.set(low ?? []);
  values.set(x);
  const refused = lerp32On(memory)!(at[0], low === null ? 0 : at[1], at[2], n, gain, guarded);
  expect(values).toEqual(x);
  return { refused, y: mean.slice(), low: low === null ? null : rest.slice() };
}

describe('the kernel of weights', () => {
  it('gives the bits of its twin in JavaScript, whatever the numbers', () => {
    const rows = fc.tuple(floats, floats, floats, gains, fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(rows, ([a, b, c, gain, guarded, twoTerm]) => {
        const n = Math.min(a.length, b.length, c.length);
        const [y, x, low] = [a, b, c].map((row) => Float32Array.from(row.slice(0, n))) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        const rest = twoTerm ? low.map((v) => (Number.isFinite(v) ? v : 0)) : null;
        expect(byKernel(y, rest, x, gain, guarded)).toEqual(byTwin(y, rest, x, gain, guarded));
      }),
      { numRuns: 2000 },
    );
  });

  it('was compiled from the source beside it', () => {
    expect(compiled().toString('base64')).toBe(LERP32);
  });

  it('moves arrays that lie in its memory, in pieces, as the twin moves ordinary ones', () => {
    for (const lengths of [[20_000], [1, 0, 17, 4096, 30_000], [3], [63, 64, 4096, 4097, 5000]]) {
      const resident = arrays32(lengths);
      expect(resident.map((array) => array.length)).toEqual(lengths);
      expect(resident.every((array) => array.every((value) => value === 0))).toBe(true);
      for (const [k, y] of resident.entries()) {
        const x = Float32Array.from({ length: y.length }, (_, i) => (i % 100 === 99 ? NaN : Math.sin(i + k)));
        const plain = new Float32Array(y.length);
        for (const gain of [1, 0.25, 0.001]) {
          expect(move32(y, null, x, gain, true)).toBe(lerp32(plain, null, x, gain, true));
          expect(y).toEqual(plain);
        }
      }
    }
  });

  it('keeps what rounding takes: target 2 from 1 at decay 0.9999 after 60 000 steps (maths M10)', () => {
    const both = arrays32([4096])[0]!;
    const [y, low] = [both.subarray(0, 2048), both.subarray(2048)];
    y.fill(1);
    const target = new Float32Array(2048).fill(2);
    for (let i = 0; i < 60_000; i++) move32(y.subarray(0, 16), low.subarray(0, 16), target.subarray(0, 16), 1e-4, true);
    expect(y[0]).toBeCloseTo(1.997522, 6);
    const once = new Float32Array(1).fill(1);
    for (let i = 0; i < 60_000; i++) lerp32(once, null, target.subarray(0, 1), 1e-4, true);
    expect(once[0]).toBeCloseTo(1.997475, 6);
  });
});
