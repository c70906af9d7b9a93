import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SmoothingError } from '../../src/errors.js';
import { ModelEma } from '../../src/modelEma.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  safetensorsChunks,
  type SafetensorsArray,
} from '../../src/state/safetensors.js';
import { tf, withBackends } from '../support/backends.js';

/** A file by hand: what a header says, in front of some bytes. */
function fileOf(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const tail = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.byteLength + tail.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  bytes.set(json, 8);
  bytes.set(tail, 8 + json.byteLength);
  return bytes;
}
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const one = (dtype: string, array: ArrayBufferView, shape: number[]) =>
  decodeSafetensors(fileOf({ w: { dtype, shape, data_offsets: [0, array.byteLength] } }, bytesOf(array))).weights['w'];
const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

function refusal(act: () => unknown): { code: string; message: string } | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof SmoothingError) return { code: error.code, message: error.message };
    throw error;
  }
  return undefined;
}

describe('a file that PyTorch wrote', () => {
  const bytes = readFileSync(join(import.meta.dirname, '../fixtures/torch/step-00060.safetensors'));
  const { weights, shapes, dtypes, metadata } = decodeSafetensors(bytes);

  it('gives its sixteen names with their shapes and dtypes', () => {
    expect(Object.keys(weights).length).toBe(16);
    expect(shapes).toMatchObject({
      '0.weight': [8, 1, 3, 3],
      '4.weight': [16, 8, 3, 3],
      '8.weight': [10, 256],
      '8.bias': [10],
      '5.num_batches_tracked': [],
    });
    expect(dtypes).toMatchObject({ '0.weight': 'F32', '1.num_batches_tracked': 'I64' });
    expect(metadata).toEqual({});
  });

  it('gives the values that the Python reader gives', () => {
    expect(weights['1.num_batches_tracked']).toEqual(BigInt64Array.of(60n));
    expect([...weights['0.bias']!].slice(0, 2)).toEqual([0.16720892488956451, 0.13557025790214539]);
    expect([...weights['8.weight']!].slice(0, 2)).toEqual([0.01352077629417181, -0.07505740225315094]);
    const sum = (weights['4.weight'] as Float32Array).reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(6.684511467545235, 10);
  });

  it('is refused at every length but its own', () => {
    for (const length of [...Array(64).keys(), 1000, bytes.byteLength - 8, bytes.byteLength - 1]) {
      expect(refusal(() => decodeSafetensors(bytes.subarray(0, length)))?.code).toBe('FILE_FORMAT');
    }
    const longer = new Uint8Array(bytes.byteLength + 1);
    longer.set(bytes);
    expect(refusal(() => decodeSafetensors(longer))?.message).toContain('too long');
  });
});

describe('encodeSafetensors', () => {
  const weights = {
    mask: Uint8Array.of(1, 0, 1),
    w: Float32Array.of(1.5, -0, NaN, Infinity),
    d: Float64Array.of(Math.PI),
    i8: Int8Array.of(-128),
    clamped: Uint8ClampedArray.of(255),
    i16: Int16Array.of(-32768),
    u16: Uint16Array.of(65535),
    i32: Int32Array.of(-(2 ** 31)),
    u32: Uint32Array.of(2 ** 32 - 1),
    i64: BigInt64Array.of(-(2n ** 63n)),
    u64: BigUint64Array.of(2n ** 64n - 1n),
    none: new Float32Array(0),
  };

  it('gives back every kind of array bit for bit, in the order given', () => {
    const decoded = decodeSafetensors(encodeSafetensors(weights));
    expect(decoded.weights).toEqual({ ...weights, clamped: Uint8Array.of(255) });
    expect(Object.keys(decoded.weights)).toEqual(Object.keys(weights));
    expect(Object.is((decoded.weights['w'] as Float32Array)[1], -0)).toBe(true);
    expect(decoded.shapes).toMatchObject({ mask: [3], none: [0] });
    expect(Object.values(decoded.dtypes)).toEqual('U8 F32 F64 I8 U8 I16 U16 I32 U32 I64 U64 F32'.split(' '));
  });

  it('keeps any names, metadata and float values (property)', () => {
    const name = fc.string().filter((text) => text !== '__metadata__');
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.oneof(fc.float32Array(), fc.float64Array(), fc.int16Array(), fc.uint8Array())),
        fc.dictionary(fc.string(), fc.string()),
        fc.nat(9),
        (arrays, metadata, offset) => {
          const file = encodeSafetensors(arrays, metadata);
          const moved = new Uint8Array(file.byteLength + offset).subarray(offset);
          moved.set(file);
          const decoded = decodeSafetensors(moved);
          expect(Object.entries(decoded.weights)).toEqual(Object.entries(arrays));
          expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata));
        },
      ),
    );
  });

  it('keeps weights named as the members of objects are', () => {
    const names = ['__proto__', 'constructor', 'toString', ''];
    const arrays = Object.fromEntries(names.map((name, i) => [name, Float32Array.of(i)]));
    const decoded = decodeSafetensors(encodeSafetensors(arrays)).weights;
    expect(Object.entries(decoded)).toEqual(Object.entries(arrays));
  });

  it('begins the data at a multiple of 8, and every tensor at a multiple of its element size', () => {
    const file = encodeSafetensors(weights, { note: 'é' });
    const start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(start % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    for (const [name, array] of Object.entries(weights)) {
      expect(header[name]!.data_offsets[0] % array.BYTES_PER_ELEMENT).toBe(0);
    }
  });

  it('writes a view that begins in the middle of its buffer', () => {
    const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(decodeSafetensors(encodeSafetensors({ view })).weights['view']).toEqual(Float32Array.of(2, 3));
  });

  it('gives bytes that share no memory with the weights, and weights that share none with the bytes', () => {
    const w = Float32Array.of(1);
    const file = encodeSafetensors({ w });
    w[0] = 2;
    const decoded = decodeSafetensors(file);
    file.fill(0);
    expect(decoded.weights['w']).toEqual(Float32Array.of(1));
  });

  it('narrows floats with dtype, integers not, and pieces them as safetensorsChunks does', () => {
    const floats = { d: Float64Array.of(1 / 3, NaN), f: Float32Array.of(2 ** 20), n: Int32Array.of(7) };
    const [half, brain] = (['F16', 'BF16'] as const).map((dtype) => {
      const file = encodeSafetensors(floats, {}, { dtype });
      expect(Buffer.concat([...safetensorsChunks(floats, {}, { dtype })])).toEqual(Buffer.from(file));
      return decodeSafetensors(file);
    });
    expect(half!.dtypes).toEqual({ d: 'F16', f: 'F16', n: 'I32' });
    expect(half!.weights).toEqual({ d: Float32Array.of(0x555 / 4096, NaN), f: Float32Array.of(Infinity), n: floats.n });
    expect(brain!.dtypes).toEqual({ d: 'BF16', f: 'BF16', n: 'I32' });
    expect(brain!.weights).toEqual({ d: Float32Array.of(0xab / 512, NaN), f: Float32Array.of(2 ** 20), n: floats.n });
  });

  it('writes a file without weights', () => {
    expect(decodeSafetensors(encodeSafetensors({}))).toEqual({ weights: {}, shapes: {}, dtypes: {}, metadata: {} });
  });

  it.each<[string, () => unknown, string]>([
    ['a weight that is a plain list', () => encodeSafetensors({ w: [1] as never }), 'VALUE_KIND'],
    ['a weight that is null', () => encodeSafetensors({ w: null as never }), 'VALUE_KIND'],
    ['the name of the metadata', () => encodeSafetensors({ __metadata__: Float32Array.of(1) }), 'FILE_FORMAT'],
    ['another dtype', () => encodeSafetensors({}, {}, { dtype: 'F32' as never }), 'OPTION_VALUE'],
    ['metadata that are not strings', () => encodeSafetensors({}, { epoch: 3 as never }), 'VALUE_KIND'],
    ['metadata that are null', () => encodeSafetensors({}, null as never), 'VALUE_KIND'],
    ['metadata that are text', () => encodeSafetensors({}, 'ab' as never), 'VALUE_KIND'],
    ['metadata in a Map', () => encodeSafetensors({}, new Map([['a', 'b']]) as never), 'VALUE_KIND'],
    ['options that are null', () => encodeSafetensors({}, {}, null as never), 'OPTION_VALUE'],
    ['an option by another name', () => encodeSafetensors({}, {}, { dtypes: 'F16' } as never), 'OPTION_UNKNOWN'],
  ])('refuses %s', (_what, act, code) => expect(refusal(act)?.code).toBe(code));

  it.each<[string, unknown, string]>([
    ['a Map', new Map([['w', Float32Array.of(1)]]), 'got Map'],
    ['a list', [Float32Array.of(1)], 'got an array'],
    ['a typed array', Float32Array.of(), 'got Float32Array'],
    ['a ModelEma, which toSafetensors takes', new ModelEma({ decay: 0.9 }), 'got ModelEma'],
    ['a promise of weights', Promise.resolve({}), 'got Promise'],
    ['null', null, 'got null'],
  ])('refuses %s as the weights, and so does safetensorsChunks', (_what, weights, got) => {
    for (const act of [encodeSafetensors, (w: never) => safetensorsChunks(w).next()]) {
      const refused = refusal(() => act(weights as never));
      expect(refused?.code).toBe('VALUE_KIND');
      expect(refused?.message).toBe(`what is written must be weights by name, ${got}`);
    }
  });

  it('takes weights of any class, as long as it has some', () => {
    class Layer {
      readonly w = Float32Array.of(1);
    }
    const weights = { w: Float32Array.of(1) };
    expect(encodeSafetensors(new Layer() as never)).toEqual(encodeSafetensors(weights));
    expect(encodeSafetensors(Object.assign(Object.create(null) as object, weights) as never)).toEqual(
      encodeSafetensors(weights),
    );
  });
});

describe('safetensorsChunks', () => {
  it('gives the same bytes as encodeSafetensors, one tensor at a time', () => {
    const weights = { a: Float32Array.of(1, 2), none: new Int8Array(0), b: Int8Array.of(3) };
    const chunks = [...safetensorsChunks(weights, { run: 'seven' })];
    expect(chunks.map((chunk) => chunk.byteLength).slice(1)).toEqual([8, 1]);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(encodeSafetensors(weights, { run: 'seven' })));
  });

  it('fetches a tensor when its turn comes, not before', () => {
    const fetched: string[] = [];
    const tensor = (name: string) => ({
      shape: [1],
      dtype: 'float32',
      clone: () => tensor(name),
      dispose: () => {},
      dataSync: () => (fetched.push(name), Float32Array.of(1)),
    });
    const chunks = safetensorsChunks({ a: tensor('a'), b: tensor('b') });
    chunks.next();
    expect(fetched).toEqual([]);
    chunks.next();
    expect(fetched).toEqual(['a']);
  });

  it('lends the memory of a typed array instead of copying it', () => {
    const w = Float32Array.of(1, 2);
    const [, chunk] = safetensorsChunks({ w });
    expect(chunk?.buffer).toBe(w.buffer);
  });
});

withBackends(['cpu', 'wasm', 'tensorflow'], 'tensors in a safetensors file', () => {
  it('keep their names, shapes and values, and are neither disposed nor leaked', () => {
    const tensors = {
      kernel: tf.tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      step: tf.scalar(7, 'int32'),
      mask: tf.tensor1d([true, false, true], 'bool'),
      variable: tf.variable(tf.tensor1d([0.25])),
    };
    const before = tf.memory().numTensors;
    const { weights, shapes, dtypes } = decodeSafetensors(encodeSafetensors(tensors));
    expect(tf.memory().numTensors).toBe(before);
    expect(weights).toEqual({
      kernel: Float32Array.of(1, 2, 3, 4, 5, 6),
      step: Int32Array.of(7),
      mask: Uint8Array.of(1, 0, 1),
      variable: Float32Array.of(0.25),
    });
    expect(shapes).toEqual({ kernel: [2, 3], step: [], mask: [3], variable: [1] });
    expect(dtypes).toEqual({ kernel: 'F32', step: 'I32', mask: 'BOOL', variable: 'F32' });
    tf.dispose(tensors);
  });

  it('are refused when disposed, before the first piece and at their turn', () => {
    const w = tf.tensor1d([1]);
    const chunks = safetensorsChunks({ w });
    chunks.next();
    w.dispose();
    expect(refusal(() => chunks.next())?.code).toBe('TENSOR_DISPOSED');
    expect(refusal(() => safetensorsChunks({ w }).next())?.code).toBe('TENSOR_DISPOSED');
  });

  it('are refused where they, or a model of them, stand for weights by name', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const w = tf.tensor1d([1]);
    expect(refusal(() => encodeSafetensors(model as never))?.message).toContain('got a model: give weightsOf(model)');
    expect(refusal(() => encodeSafetensors(w as never))?.code).toBe('VALUE_KIND');
    tf.dispose(w);
    model.dispose();
  });

  it('are refused when their dtype has no place in the format', () => {
    const words = tf.tensor1d(['a']);
    expect(refusal(() => encodeSafetensors({ words }))?.message).toContain('float32, int32, bool, got string');
    words.dispose();
  });
});

describe('decodeSafetensors', () => {
  it('widens F16 and BF16 to float32, exactly', () => {
    expect(one('F16', Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00), [5])).toEqual(
      Float32Array.of(1, -2, 65504, 2 ** -24, Infinity),
    );
    expect(one('BF16', Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0x0001, 0xff80), [5])).toEqual(
      Float32Array.of(1, -2, 3.3895313892515355e38, 2 ** -133, -Infinity),
    );
    expect(one('F16', Uint16Array.of(0x7e00), [1])).toEqual(Float32Array.of(NaN));
    expect(one('BF16', Uint16Array.of(0x7fc0), [1])).toEqual(Float32Array.of(NaN));
  });

  it('reads tensors that lie in another order than the header names them, and unaligned ones', () => {
    const header = {
      w: f32(1, 5),
      flag: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] },
      empty: f32(5, 5),
    };
    const data = Uint8Array.of(1, ...bytesOf(Float32Array.of(0.5)));
    expect(decodeSafetensors(fileOf(header, data)).weights).toEqual({
      w: Float32Array.of(0.5),
      flag: Uint8Array.of(1),
      empty: new Float32Array(0),
    });
  });

  it.each<[string, Uint8Array, string]>([
    ['fewer than 8 bytes', new Uint8Array(7), 'at least 8 bytes'],
    ['a header longer than the file', Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123, 125), 'must fit the file'],
    ['a header of 2^63 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123, 125), 'must fit the file'],
    ['no JSON', fileOf('{"a":'), 'must be JSON'],
    ['an empty header', fileOf(''), 'must be JSON'],
    ['a .pt file of torch’s', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0), 'got one of torch.save (.pt, .pth)'],
    ['an old .pt file', Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20), 'got one of torch.save'],
    ['text that is not UTF-8', Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 34, 255, 34), 'must be JSON in UTF-8'],
    ['a header that is a list', fileOf([]), 'must be a JSON object'],
    ['a header that is null', fileOf(null), 'must be a JSON object'],
    ['a tensor that is a number', fileOf({ w: 3 }), "'w' must be described by an object, got 3"],
    ['an unknown dtype', fileOf({ w: { ...f32(0, 4), dtype: 'F8_E4M3' } }, 4), "got 'F8_E4M3'"],
    ['a dtype that objects have anyway', fileOf({ w: { ...f32(0, 4), dtype: 'toString' } }, 4), "got 'toString'"],
    ['no dtype', fileOf({ w: { shape: [1], data_offsets: [0, 4] } }, 4), 'the dtype of'],
    ['a negative size', fileOf({ w: f32(0, 4, [-1]) }, 4), 'integers >= 0, got [-1]'],
    ['half an element', fileOf({ w: f32(0, 2, [0.5]) }, 2), 'integers >= 0'],
    ['one offset', fileOf({ w: { dtype: 'F32', shape: [], data_offsets: [0] } }, 4), 'two integers'],
    ['offsets that run backwards', fileOf({ w: f32(4, 0, [1]) }, 4), 'must have 4 bytes'],
    ['offsets of another size than the shape', fileOf({ w: f32(0, 8, [1]) }, 8), 'must have 4 bytes'],
    ['a shape beyond all numbers', fileOf({ w: f32(0, 4, [2 ** 52, 2 ** 52]) }, 4), 'by its dtype and shape'],
    ['offsets out of range', fileOf({ w: f32(0, 8) }, 4), 'cut short'],
    ['overlapping tensors', fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12), 'they overlap'],
    ['the same bytes twice', fileOf({ a: f32(0, 8), b: f32(0, 8) }, 8), 'they overlap'],
    ['a gap between tensors', fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12), 'leave a gap'],
    ['a gap in front', fileOf({ a: f32(4, 8) }, 8), 'leave a gap'],
    ['bytes behind the last tensor', fileOf({ a: f32(0, 4) }, 5), 'too long'],
    [
      'a name twice',
      fileOf(`{"w":${JSON.stringify(f32(0, 4))},"\\u0077":${JSON.stringify(f32(0, 4))}}`, 4),
      "'w' twice",
    ],
    ['metadata that are not strings', fileOf({ __metadata__: { epoch: 3 } }), '__metadata__ must hold strings'],
    ['metadata that are a list', fileOf({ __metadata__: ['a'] }), '__metadata__ must hold strings'],
  ])('refuses %s in a clear sentence', (_what, bytes, sentence) => {
    const refused = refusal(() => decodeSafetensors(bytes));
    expect(refused?.code).toBe('FILE_FORMAT');
    expect(refused?.message).toContain(sentence);
  });

  it('does not take the names inside of tensors and metadata for names given twice', () => {
    const header = { __metadata__: { dtype: 'x', a: '"a":{' }, a: f32(0, 4), b: f32(4, 8) };
    expect(decodeSafetensors(fileOf(header, 8)).metadata).toEqual(header.__metadata__);
  });

  it('takes bytes alone', () => {
    const buffer = encodeSafetensors({}).buffer as unknown as Uint8Array;
    expect(refusal(() => decodeSafetensors(buffer))?.code).toBe('VALUE_KIND');
  });

  it('refuses or reads whatever a flipped byte makes of a file, and never throws anything else (property)', () => {
    const file = encodeSafetensors({ a: Float32Array.of(1, 2), b: Int8Array.of(3) }, { run: 'seven' });
    fc.assert(
      fc.property(fc.nat(file.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const flipped = file.slice();
        flipped[at]! ^= flip;
        const refused = refusal(() => decodeSafetensors(flipped));
        expect(refused === undefined || refused.code === 'FILE_FORMAT').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

it('types a decoded weight as any of the arrays that a file may hold', () => {
  const read: SafetensorsArray | undefined = decodeSafetensors(encodeSafetensors({})).weights['absent'];
  expect(read).toBeUndefined();
});
