import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, ModelEma, type ModelEmaOptions } from 'rx-ema';
import { toSafetensors, type SafetensorsFileOptions } from 'rx-ema/sinks';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { programOf } from '../support/program.js';

const decoded = (path: string) => decodeSafetensors(readFileSync(path));

/** Two updates of these weights. */
function averageOf(options: Partial<ModelEmaOptions<Float32Array>> = {}): ModelEma<Float32Array> {
  const ema = new ModelEma<Float32Array>({ decay: 0.9, ...options } as ModelEmaOptions<Float32Array>);
  for (const x of [0, 1, 1]) ema.update({ w: Float32Array.of(x, -x), b: Float32Array.of(x) });
  return ema;
}

describe('toSafetensors of weights', () => {
  it('writes the file of encodeSafetensors, which says that it holds weights, and returns its length', () => {
    const path = join(emptyFolder(), 'w.safetensors');
    const weights = { w: Float32Array.of(1, NaN), n: Int32Array.of(7), big: BigInt64Array.of(-1n) };
    const bytes = toSafetensors(path, weights, { metadata: { run: 'seven' } });
    const expected = encodeSafetensors(weights, { 'rx-ema.holds': 'weights', run: 'seven' });
    expect(readFileSync(path)).toEqual(Buffer.from(expected));
    expect(bytes).toBe(expected.byteLength);
  });

  it('replaces what was there, and leaves nothing beside it', () => {
    const folder = emptyFolder();
    const path = join(folder, 'w.safetensors');
    for (const x of [1, 2]) toSafetensors(path, { w: Float32Array.of(x) });
    expect(decoded(path).weights['w']).toEqual(Float32Array.of(2));
    expect(readdirSync(folder)).toEqual(['w.safetensors']);
  });

  it.each(['600', '444', '666'])('keeps the mode %s of the file that it replaces, from the first byte on', (octal) => {
    const mode = parseInt(octal, 8);
    const folder = emptyFolder();
    const path = join(folder, 'w.safetensors');
    toSafetensors(path, { w: Float32Array.of(1) });
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
    chmodSync(path, mode);
    const modes = new Set<number>();
    toSafetensors(path, {
      get w() {
        for (const name of readdirSync(folder)) modes.add(statSync(join(folder, name)).mode & 0o777);
        return Float32Array.of(2);
      },
    });
    expect([...modes]).toEqual([mode]);
    expect(statSync(path).mode & 0o777).toBe(mode);
    expect(decoded(path).weights['w']).toEqual(Float32Array.of(2));
  });

  it('writes where symbolic links lead, be there a file or none yet, and leaves the links', () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'runs/7'), { recursive: true });
    symlinkSync('runs/7', join(folder, 'run'));
    const target = join(folder, 'runs/w.safetensors');
    symlinkSync('../w.safetensors', join(folder, 'runs/7/link')); // of runs, not of the folder that `run` is in
    const latest = join(folder, 'latest.safetensors');
    symlinkSync('run/link', latest);
    for (const x of [1, 2]) {
      toSafetensors(latest, { w: Float32Array.of(x) });
      expect(lstatSync(target).isFile()).toBe(true);
      expect(decoded(target).weights['w']).toEqual(Float32Array.of(x));
      expect(decoded(latest).weights['w']).toEqual(Float32Array.of(x));
      expect(readlinkSync(latest)).toBe('run/link');
      expect(readdirSync(folder).sort()).toEqual(['latest.safetensors', 'run', 'runs']);
      expect(readdirSync(dirname(target)).sort()).toEqual(['7', 'w.safetensors']);
    }
  });

  it('leaves the old file under its other hard links', () => {
    const folder = emptyFolder();
    const path = join(folder, 'w.safetensors');
    toSafetensors(path, { w: Float32Array.of(1) });
    linkSync(path, join(folder, 'best.safetensors'));
    toSafetensors(path, { w: Float32Array.of(2) });
    expect(decoded(join(folder, 'best.safetensors')).weights['w']).toEqual(Float32Array.of(1));
  });

  it('takes a name as long as a name can be', () => {
    const path = join(emptyFolder(), `${'w'.repeat(243)}.safetensors`);
    for (const x of [1, 2]) toSafetensors(path, { w: Float32Array.of(x) });
    expect(decoded(path).weights['w']).toEqual(Float32Array.of(2));
  });

  it('takes getters, and asks for one weight at a time', () => {
    const path = join(emptyFolder(), 'w.safetensors');
    const asked: string[] = [];
    const weights = Object.defineProperties(
      {},
      Object.fromEntries(
        ['a', 'b'].map((name) => [
          name,
          { enumerable: true, get: () => (asked.push(name), Float32Array.of(name.charCodeAt(0))) },
        ]),
      ),
    );
    toSafetensors(path, weights);
    expect(asked).toEqual(['a', 'b', 'a', 'b']);
    expect(decoded(path).weights).toEqual({ a: Float32Array.of(97), b: Float32Array.of(98) });
  });

  it('narrows floats with dtype, to the nearest with ties to even, and leaves integers as they are', () => {
    const path = join(emptyFolder(), 'w.safetensors');
    const wide = Float64Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65520, -0);
    toSafetensors(path, { wide, n: Int16Array.of(3) }, { dtype: 'F16' });
    expect(decoded(path)).toMatchObject({ dtypes: { wide: 'F16', n: 'I16' }, shapes: { wide: [4] } });
    expect(decoded(path).weights).toEqual({
      wide: Float32Array.of(1, 1 + 2 ** -9, Infinity, -0),
      n: Int16Array.of(3),
    });
    toSafetensors(path, { w: Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, NaN) }, { dtype: 'BF16' });
    expect(decoded(path).dtypes).toEqual({ w: 'BF16' });
    expect(decoded(path).weights['w']).toEqual(Float32Array.of(1, 1 + 2 ** -6, NaN));
  });
});

describe('toSafetensors of a ModelEma', () => {
  it('has the averages under their own names, so that others load them as weights', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    const ema = averageOf();
    toSafetensors(path, ema);
    expect(decoded(path).weights).toEqual(ema.shadow);
    expect(decoded(path).metadata['rx-ema.holds']).toBe('shadow');
  });

  it('has the counters to the last bit in the metadata', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    toSafetensors(path, averageOf(), { metadata: { run: 'seven' } });
    const { metadata } = decoded(path);
    expect(metadata['run']).toBe('seven');
    const state = JSON.parse(metadata['rx-ema.state']!) as Record<string, unknown>;
    expect(state).toMatchObject({ version: 1, counters: { weight: 1, rest: 0, step: 2 }, scalars: { refused: 0 } });
  });

  it('has the low terms of a compensated shadow beside it, under names that nobody takes for weights', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    const ema = averageOf({ compensated: true, decay: 0.7 });
    toSafetensors(path, ema);
    const { weights } = decoded(path);
    expect(Object.keys(weights)).toEqual(['w', 'b', 'rx-ema.low/w', 'rx-ema.low/b']);
    expect(weights['rx-ema.low/w']).toEqual(ema.snapshot().shadows['low w']);
    expect(weights['rx-ema.low/w']!.some((low) => low !== 0)).toBe(true);
  });

  it('has the model beside it as model/<name>, in the same file', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    toSafetensors(path, averageOf(), { model: { w: Float32Array.of(5, 6) } });
    expect(Object.keys(decoded(path).weights)).toEqual(['w', 'b', 'model/w']);
    expect(decoded(path).weights['model/w']).toEqual(Float32Array.of(5, 6));
  });

  it('narrows the averages with dtype, without the low terms, which would mean nothing', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    toSafetensors(path, averageOf({ compensated: true }), { dtype: 'BF16' });
    expect(decoded(path).dtypes).toEqual({ w: 'BF16', b: 'BF16' });
  });

  it('writes one that has seen no weights yet', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    toSafetensors(path, new ModelEma({ decay: 0.9 }));
    expect(decoded(path).weights).toEqual({});
  });
});

withBackends(BACKENDS, 'toSafetensors of tensors', () => {
  it('keeps shapes and dtypes, and neither changes, disposes nor leaks a tensor', () => {
    const path = join(emptyFolder(), 'ema.safetensors');
    const ema = new ModelEma({ decay: 0.5, compensated: true });
    const weights = { w: tf.tensor2d([[1, 2, 3]]), large: tf.ones([70, 50]), n: tf.scalar(7, 'int32') };
    ema.update(weights);
    ema.update(weights);
    expect(ema.refused).toBe(0); // some backends keep the count in a tensor until it is read
    const before = tf.memory().numTensors;
    toSafetensors(path, ema, { model: weights });
    expect(tf.memory().numTensors).toBe(before);
    const { shapes, dtypes, weights: read } = decoded(path);
    expect(shapes).toMatchObject({ w: [1, 3], large: [70, 50], n: [], 'model/w': [1, 3] });
    expect(dtypes).toMatchObject({ w: 'F32', n: 'I32', 'rx-ema.low/large': 'F32', 'model/n': 'I32' });
    expect(read['w']).toEqual(Float32Array.of(1, 2, 3));
    ema.dispose();
    tf.dispose(weights);
  });
});

function disposed(): ModelEma {
  const ema = new ModelEma({ decay: 0.5 });
  ema.dispose();
  return ema;
}

function twice(): ModelEma<Float32Array> {
  const ema = new ModelEma<Float32Array>({ decay: 0.5 });
  ema.update({ 'model/w': Float32Array.of(1) });
  return ema;
}

describe('what goes wrong', () => {
  type Case = [string, unknown, SafetensorsFileOptions, string, string];
  const w = { w: Float32Array.of(1) };
  it.each<Case>([
    ['a number', 3, {}, 'VALUE_KIND', 'weights by name, got 3'],
    ['nothing', undefined, {}, 'VALUE_KIND', 'weights by name, got undefined'],
    ['an array', Float32Array.of(1), {}, 'VALUE_KIND', 'got Float32Array'],
    ['a Map', new Map([['w', w.w]]), {}, 'VALUE_KIND', 'got Map'],
    ['a promise', Promise.resolve(w), {}, 'VALUE_KIND', 'got Promise'],
    ['a model that is a ModelEma', twice(), { model: twice() as never }, 'VALUE_KIND', 'model must be weights by name'],
    [
      'a model that is null',
      twice(),
      { model: null as never },
      'VALUE_KIND',
      'model must be weights by name, got null',
    ],
    ['metadata that are null', w, { metadata: null as never }, 'VALUE_KIND', 'strings by name, got null'],
    ['metadata that are a list', w, { metadata: ['a'] as never }, 'VALUE_KIND', 'strings by name, got'],
    ['options that are null', w, null as never, 'OPTION_VALUE', 'options must be an object, got null'],
    ['a weight that is a list', { w: [1] }, {}, 'VALUE_KIND', "weight 'w' must be"],
    ['a disposed ModelEma', disposed(), {}, 'DISPOSED', 'must be live'],
    ['metadata under a name of ours', w, { metadata: { 'rx-ema.holds': 'shadow' } }, 'OPTION_VALUE', "'rx-ema.holds'"],
    ['metadata that are no strings', w, { metadata: { a: 1 } as never }, 'VALUE_KIND', "metadata 'a'"],
    ['another dtype', w, { dtype: 'F8' as never }, 'OPTION_VALUE', "'F16' or 'BF16', got 'F8'"],
    ['an unknown option', w, { dtypes: 'F16' } as never, 'OPTION_UNKNOWN', "did you mean 'dtype'"],
    ['a model beside weights', w, { model: w }, 'OPTION_VALUE', 'go with a ModelEma'],
    ['a name that would stand twice', twice(), { model: w }, 'NAMES_MISMATCH', "two of 'model/w'"],
  ])('refuses %s before anything is written', (_, what, options, code, sentence) => {
    const folder = emptyFolder();
    const refused = refusal(() => toSafetensors(join(folder, 'w.safetensors'), what as never, options));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(sentence);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a path that is none', () => {
    expect(refusal(() => toSafetensors('', w)).code).toBe('OPTION_VALUE');
  });

  it('says why a file can’t be written: no such folder, a folder in its place', () => {
    const folder = emptyFolder();
    const absent = refusal(() => toSafetensors(join(folder, 'absent/w.safetensors'), w));
    expect(absent).toMatchObject({
      code: 'SINK_UNWRITABLE',
      message: expect.stringMatching(/ENOENT: no such folder, '[^']*'$/) as string,
    });
    mkdirSync(join(folder, 'taken.safetensors'));
    expect(refusal(() => toSafetensors(join(folder, 'taken.safetensors'), w)).code).toBe('SINK_UNWRITABLE');
    expect(readdirSync(folder)).toEqual(['taken.safetensors']);
  });

  it('refuses to stand in for a device, a pipe, or a link to itself', () => {
    const folder = emptyFolder();
    const path = (name: string) => join(folder, name);
    symlinkSync('/dev/null', path('null'));
    execFileSync('mkfifo', [path('pipe')]);
    symlinkSync('circle', path('circle'));
    for (const name of ['null', 'pipe', 'circle']) {
      const { code, message } = refusal(() => toSafetensors(path(name), w));
      expect([code, message]).toEqual(['SINK_UNWRITABLE', expect.stringContaining(name)]);
    }
    expect(lstatSync(path('pipe')).isFIFO()).toBe(true);
    expect(readlinkSync(path('null'))).toBe('/dev/null');
    expect(readdirSync(folder).sort()).toEqual(['circle', 'null', 'pipe']);
  });

  it('leaves nothing beside the file where all is written and the rename fails', () => {
    const folder = emptyFolder();
    const path = join(folder, 'w.safetensors');
    let turns = 0;
    const weights = {
      get w() {
        if (++turns === 2) mkdirSync(path);
        return Float32Array.of(1);
      },
    };
    expect(refusal(() => toSafetensors(path, weights))).toMatchObject({
      code: 'SINK_UNWRITABLE',
      message: expect.stringContaining('EISDIR') as string,
    });
    expect(readdirSync(folder)).toEqual(['w.safetensors']);
  });

  it('leaves the old file whole and nothing beside it when a weight fails at its turn', () => {
    const folder = emptyFolder();
    const path = join(folder, 'w.safetensors');
    toSafetensors(path, w);
    let turns = 0;
    const failing = {
      a: Float32Array.of(1),
      get b() {
        if (++turns === 2) throw new Error('gone');
        return Float32Array.of(2);
      },
    };
    expect(() => toSafetensors(path, failing)).toThrow('gone');
    expect(decoded(path).weights).toEqual(w);
    expect(readdirSync(folder)).toEqual(['w.safetensors']);
  });

  it.each([100, 8])('leaves the old file whole and nothing beside it when the disk is full after %s kB', async (kB) => {
    const folder = emptyFolder();
    const path = join(folder, 'w.safetensors');
    const program = await programOf('test/sinks/programs/save.ts');
    try {
      toSafetensors(path, w);
      const blocks = kB * 2; // of 512 bytes, as sh counts them
      const { stdout, stderr } = await program.run([path], `ulimit -f ${blocks};`);
      expect([stdout, stderr]).toEqual(['SINK_UNWRITABLE EFBIG\n', '']);
      expect(decoded(path).weights).toEqual(w);
      expect(readdirSync(folder)).toEqual(['w.safetensors']);
      expect((await program.run([path])).stdout).toBe(`${statSync(path).size}\n`);
      expect(decoded(path).weights['w']).toHaveLength(100_000);
    } finally {
      program.remove();
    }
  });
});
