import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, ModelEma, postHocEma, powerDecay, type ModelEmaOptions } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';
import { describe, expect, it } from 'vitest';
import { shaped, shapeOf } from '../../src/values/shapes.js';
import { refusal } from '../refusal.js';

/** As a file of PyTorch's holds them: a matrix, a scalar, an integer scalar, a vector. */
const file = (x: number): Uint8Array => {
  const floats = Float32Array.from({ length: 6 }, (_, i) => x + i);
  return encodeSafetensors({
    matrix: shaped(floats, [2, 3]),
    scalar: shaped(Float32Array.of(x), []),
    count: shaped(BigInt64Array.of(7n), []),
    vector: Float32Array.of(x, x),
  });
};
const SHAPES = { matrix: [2, 3], scalar: [], count: [], vector: [2] };
const shapesOf = (map: object): unknown =>
  Object.fromEntries(Object.entries(map).map(([name, one]) => [name, shapeOf(one as Float32Array)]));

type Options = Pick<ModelEmaOptions<Float32Array>, 'emit' | 'compensated'>;
const given = (options: Options): ModelEmaOptions<Float32Array> => ({
  decay: powerDecay({ sigmaRel: 0.1 }),
  ...options,
});

function averaged(options: Options = {}): ModelEma<Float32Array> {
  const ema = new ModelEma<Float32Array>(given(options));
  for (const x of [0, 1, 2]) ema.update(decodeSafetensors(file(x)).weights as Record<string, Float32Array>);
  return ema;
}

describe('the shape of an array', () => {
  it('comes with those of a file, and is no element', () => {
    const { weights, shapes } = decodeSafetensors(file(1));
    expect(shapes).toEqual(SHAPES);
    expect(shapesOf(weights)).toEqual(SHAPES);
    expect(Object.keys(weights['matrix']!)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(weights['matrix']).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  it.each<Options>([{}, { emit: 'copy' }, { compensated: true }])('goes on to its average under %o', (options) => {
    const ema = averaged(options);
    expect(shapesOf(ema.shadow)).toEqual(SHAPES);
    expect(shapesOf(ema.update(decodeSafetensors(file(3)).weights as Record<string, Float32Array>))).toEqual(SHAPES);
    expect(shapesOf(new ModelEma<Float32Array>(given(options), ema.snapshot()).shadow)).toEqual(SHAPES);
  });

  it('is written to a file, of a shadow and of what is made of several', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rx-ema-shapes-'));
    const [one, other] = ['ema', 'made'].map((name) => join(folder, `${name}.safetensors`)) as [string, string];
    const ema = averaged();
    toSafetensors(one, ema);
    const { snapshot, shapes } = readSafetensors(one);
    expect(shapes).toEqual(SHAPES);
    toSafetensors(other, postHocEma({ snapshots: [ema.snapshot(), snapshot], sigmaRel: 0.1 }).weights);
    expect(decodeSafetensors(readFileSync(other))).toEqual({
      ...decodeSafetensors(readFileSync(one)),
      metadata: expect.anything() as unknown,
    });
    rmSync(folder, { recursive: true });
  });

  it('may be left out later, or come later: then the length has to fit', () => {
    const ema = averaged();
    const flat = {
      matrix: new Float32Array(6),
      scalar: new Float32Array(1),
      count: BigInt64Array.of(8n),
      vector: new Float32Array(2),
    };
    expect(shapesOf(ema.update(flat as unknown as Record<string, Float32Array>))).toEqual(SHAPES);
    const later = new ModelEma<Float32Array>({ decay: 0.5 });
    later.update({ w: new Float32Array(6) });
    expect(shapesOf(later.update({ w: shaped(new Float32Array(6), [2, 3]) }))).toEqual({ w: [6] });
  });

  const first = { w: shaped(new Float32Array(6), [2, 3]) };
  it.each<[string, Float32Array, string]>([
    ['another one', shaped(new Float32Array(6), [3, 2]), "weight 'w' must have shape [2, 3], got [3, 2]"],
    ['another length', new Float32Array(5), "weight 'w' must have shape [6], got [5]"],
    [
      'one that does not fit its own length',
      shaped(new Float32Array(5), [2, 3]),
      "weight 'w' must have shape [6], got [5]",
    ],
  ])('is refused if it is %s', (_, w, message) => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    ema.update(first);
    expect(refusal(() => ema.update({ w }))).toEqual({ code: 'SHAPE_MISMATCH', message });
  });

  it('is refused in the first weights, and for a file, if it does not fit the length', () => {
    const w = shaped(new Float32Array(5), [2, 3]);
    expect(refusal(() => new ModelEma<Float32Array>({ decay: 0.5 }).update({ w })).code).toBe('SHAPE_MISMATCH');
    expect(refusal(() => encodeSafetensors({ w })).code).toBe('SHAPE_MISMATCH');
  });
});
