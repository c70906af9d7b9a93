import {
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
  appendFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  ModelEma,
  rampDecay,
  toBytes,
  type ModelEmaOptions,
  type Snapshot,
  type WeightMap,
} from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { averageOf, take, textOf } from '../sinks/programs/steadyRun.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';
import { emptyFolder } from '../support/emptyFolder.js';

const CHECKPOINT = join(import.meta.dirname, '../../examples/data/run/checkpoints/step-00060.safetensors');

const pathIn = (name = 'w.safetensors'): string => join(emptyFolder(), name);

/** A file of these weights. */
function fileOf(weights: Parameters<typeof toSafetensors>[1], options?: Parameters<typeof toSafetensors>[2]): string {
  const path = pathIn();
  toSafetensors(path, weights, options);
  return path;
}

describe('readSafetensors', () => {
  it('gives of a file that PyTorch wrote all that decodeSafetensors gives', () => {
    const { weights, shapes, dtypes, metadata, holds, model, updates } = readSafetensors(CHECKPOINT);
    expect({ weights, shapes, dtypes, metadata }).toEqual(decodeSafetensors(readFileSync(CHECKPOINT)));
    expect({ holds, model, updates }).toEqual({ holds: 'weights', model: undefined, updates: 0 });
  });

  it('gives arrays that are the receiver’s, read anew each time', () => {
    const { weights } = readSafetensors(fileOf({ w: Float32Array.of(1), b: Int8Array.of(2) }));
    const first = weights['w'] as Float32Array;
    first[0] = 7;
    expect(weights['w']).toEqual(Float32Array.of(1));
    expect(Object.entries(weights)).toEqual([
      ['w', Float32Array.of(1)],
      ['b', Int8Array.of(2)],
    ]);
  });

  it('gives integers of 64 bits as they are, with a sign and without', () => {
    const weights = { u: BigUint64Array.of(2n ** 64n - 1n), i: BigInt64Array.of(-(2n ** 63n)) };
    expect(readSafetensors(fileOf(weights))).toMatchObject({ weights, dtypes: { u: 'U64', i: 'I64' } });
  });

  it('gives no weight that the file has not, whatever objects have', () => {
    const { weights } = readSafetensors(fileOf({ ['__proto__']: Float32Array.of(1), constructor: Float32Array.of(2) }));
    expect(Object.keys(weights)).toEqual(['__proto__', 'constructor']);
    expect(Object.hasOwn(weights, 'toString')).toBe(false);
  });

  it('widens F16 and BF16, and shows metadata without what the package has put there', () => {
    for (const dtype of ['F16', 'BF16'] as const) {
      const file = readSafetensors(fileOf({ w: Float64Array.of(1.5, -0) }, { dtype, metadata: { run: 'seven' } }));
      expect(file.weights).toEqual({ w: Float32Array.of(1.5, -0) });
      expect(file.dtypes).toEqual({ w: dtype });
      expect(file.metadata).toEqual({ run: 'seven' });
    }
  });

  it('can be spread and compared: only whoever asks for the snapshot is refused', () => {
    expect({ ...readSafetensors(fileOf({ w: Float32Array.of(1) })) }).toMatchObject({ holds: 'weights' });
  });

  it.each<[string, (path: string) => void]>([
    [
      'another file is in its place',
      (path) => (renameSync(path, `${path}.old`), toSafetensors(path, { w: Float32Array.of(2) })),
    ],
    ['it was written to', (path) => (writeFileSync(path, readFileSync(path)), utimesSync(path, 1, 1))],
    ['it was cut short', (path) => truncateSync(path, 20)],
    ['it has grown', (path) => appendFileSync(path, 'x')],
    ['it is gone', (path) => rmSync(path)],
  ])('refuses a tensor where %s since, and names the file', (_, change) => {
    const path = fileOf({ w: Float32Array.of(1) });
    const { weights } = readSafetensors(path);
    change(path);
    const { code, message } = refusal(() => weights['w']);
    expect(code).toBe('SOURCE_UNREADABLE');
    expect(message).toContain(path);
  });

  it('refuses a file at every length but its own, and names it', () => {
    const path = fileOf(averaged(), { model: { w: Float32Array.of(1) } });
    const bytes = readFileSync(path);
    const header = 8 + Number(bytes.readBigUInt64LE());
    const lengths = new Set([...Array(64).keys(), header - 1, header, header + 1, bytes.length - 8, bytes.length - 1]);
    for (const length of lengths) {
      writeFileSync(path, bytes.subarray(0, length));
      const { code, message } = refusal(() => readSafetensors(path));
      expect([length, code]).toEqual([length, 'FILE_FORMAT']);
      expect(message).toContain(path);
    }
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(1)]));
    expect(refusal(() => readSafetensors(path)).message).toContain('too long');
  });

  it('says why a file can’t be read: none there, a folder, no path', () => {
    const path = pathIn('absent.safetensors');
    expect(refusal(() => readSafetensors(path))).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('ENOENT') as string,
    });
    mkdirSync(path);
    expect(refusal(() => readSafetensors(path))).toMatchObject({ code: 'SOURCE_UNREADABLE' });
    expect(refusal(() => readSafetensors(3 as never)).code).toBe('OPTION_VALUE');
  });
});

const OPTIONS: ModelEmaOptions<Float32Array> = { decay: rampDecay({ decay: 0.99, tau: 3 }), compensated: true };

function averaged(options = OPTIONS): ModelEma<Float32Array> {
  const ema = new ModelEma<Float32Array>(options);
  for (const x of [0, 1, NaN, 0.3]) ema.update({ w: Float32Array.of(x, -x / 3), b: Float32Array.of(x) });
  ema.copyAttributes({ lr: 0.1, name: 'é', nested: { list: [1, null] } });
  return ema;
}

const byLetter = (name: string) => (/^[fda]/.test(name) ? 'average' : 'copy');

const resumed = (path: string, options: ModelEmaOptions<Float32Array> = OPTIONS) =>
  new ModelEma<Float32Array>(options, readSafetensors(path).snapshot);

describe('a ModelEma that goes on from a file', () => {
  it('has the state that was saved, bit for bit: averages, low terms, counters, refused, attributes', () => {
    const ema = averaged();
    const again = resumed(fileOf(ema));
    expect(Buffer.from(toBytes(again.snapshot()))).toEqual(Buffer.from(toBytes(ema.snapshot())));
    expect([again.updates, again.refused, again.attributes]).toEqual([
      3,
      3,
      { lr: 0.1, name: 'é', nested: { list: [1, null] } },
    ]);
    const next = { w: Float32Array.of(7, 8), b: Float32Array.of(-1e-9) };
    expect(again.update(next)).toEqual(ema.update(next));
  });

  it('has it for arrays of every kind, copied and averaged, and for every value of a float', () => {
    const weights = {
      f: Float32Array.of(NaN, Infinity, -0, 1e-45),
      d: Float64Array.of(-0, Number.MIN_VALUE, 0.1, NaN),
      i: Int32Array.of(-5),
      u: Uint8Array.of(255),
      clamped: Uint8ClampedArray.of(254),
      averaged: Int16Array.of(3),
    };
    const ema = new ModelEma<never>({ decay: 0.3, rule: byLetter, missing: 'propagate' });
    ema.update(weights as never);
    ema.update(weights as never);
    const again = new ModelEma<never>(
      { decay: 0.3, rule: byLetter, missing: 'propagate' },
      readSafetensors(fileOf(ema)).snapshot,
    );
    expect(Buffer.from(toBytes(again.snapshot()))).toEqual(Buffer.from(toBytes(ema.snapshot())));
    expect(again.update(weights as never)).toEqual(ema.update(weights as never));
  });

  it('started empty, as biasCorrected() has it, goes on so', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.9 });
    const leave = ema.acquire('corrected');
    ema.update({ w: Float32Array.of(3) });
    leave();
    const path = fileOf(ema);
    const state = JSON.parse(decodeSafetensors(readFileSync(path)).metadata['rx-ema.state']!) as { counters: object };
    expect(state.counters).toEqual({ weight: 1 - 0.9, rest: 0.9, step: 1 });
    const again = resumed(path, { decay: 0.9 });
    expect(again.snapshot()).toEqual(ema.snapshot());
  });

  it('may have seen no weights yet', () => {
    const again = resumed(fileOf(new ModelEma({ decay: 0.9 })), { decay: 0.9 });
    expect([again.updates, again.shadow]).toEqual([0, {}]);
  });

  it('finds names as they are: what is called model/w in the shadow is the shadow’s', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.9 });
    ema.update({ 'model/w': Float32Array.of(1), 'rx-ema.low/w': Float32Array.of(2) });
    const file = readSafetensors(fileOf(ema, { model: { v: Float32Array.of(3) } }));
    expect(file.weights).toEqual(ema.shadow);
    expect(file.model).toEqual({ v: Float32Array.of(3) });
    expect(new ModelEma({ decay: 0.9 }, file.snapshot).snapshot()).toEqual(ema.snapshot());
  });

  it.each<[string, () => unknown, string, string]>([
    ['other options, by name', () => resumed(fileOf(averaged()), { decay: 0.5 }), 'SNAPSHOT_OPTIONS', 'compensated'],
    ['a model’s weights', () => resumed(fileOf({ w: Float32Array.of(1) })), 'VALUE_KIND', "got a model's weights"],
    ['a checkpoint of PyTorch', () => resumed(CHECKPOINT), 'VALUE_KIND', "got a model's weights"],
    [
      'a narrowed shadow',
      () => resumed(fileOf(averaged(), { dtype: 'BF16' })),
      'VALUE_KIND',
      'full precision, got one narrowed to BF16',
    ],
    [
      'names that the model has not',
      () => resumed(fileOf(averaged())).update({ 'module.w': Float32Array.of(1, 2), b: Float32Array.of(1) }),
      'NAMES_MISMATCH',
      "got 'module.w' with 'module.' in front",
    ],
    [
      'shapes that the model has not',
      () => resumed(fileOf(averaged())).update({ w: Float32Array.of(1), b: Float32Array.of(1) }),
      'SHAPE_MISMATCH',
      "weight 'w'",
    ],
  ])('refuses %s', (_, act, code, sentence) => {
    const refused = refusal(act);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(sentence);
  });

  it('is refused by name where the file’s own account of itself is broken', () => {
    const whole = decodeSafetensors(readFileSync(fileOf(averaged())));
    type State = Record<'plan' | 'version' | 'counters' | 'scalars', unknown>;
    const state = JSON.parse(whole.metadata['rx-ema.state']!) as State;
    const broken = (holds: string, changes: Partial<State> | string, weights = whole.weights) => {
      const text = typeof changes === 'string' ? changes : JSON.stringify({ ...state, ...changes });
      const path = pathIn();
      writeFileSync(path, encodeSafetensors(weights, { 'rx-ema.holds': holds, 'rx-ema.state': text }));
      return refusal(() => resumed(path)).code;
    };
    expect(broken('gradients', {})).toBe('FILE_FORMAT');
    expect(broken('shadow', { version: 2 })).toBe('SNAPSHOT_VERSION');
    for (const changes of [
      '',
      'null',
      { plan: 3 },
      { scalars: 3 },
      { counters: { step: 'x' } },
      { scalars: { refused: {} } },
    ]) {
      expect(broken('shadow', changes as string)).toBe('SNAPSHOT_CORRUPT');
    }
    expect(broken('shadow', { scalars: { ...(state.scalars as object), entries: '[3]' } })).toBe('SNAPSHOT_CORRUPT');
    const { w, ...fewer } = whole.weights;
    expect(broken('shadow', {}, fewer)).toBe('FILE_FORMAT');
    expect(broken('shadow', {}, { ...whole.weights, more: w! })).toBe('FILE_FORMAT');
    expect(broken('shadow', {}, { ...whole.weights, w: Float32Array.of(1) })).toBe('SNAPSHOT_CORRUPT');
  });
});

withBackends(BACKENDS, 'a ModelEma of tensors that goes on from a file', () => {
  it.each([false, true])('ends as the one that was saved, compensated: %s, without a tensor more', (compensated) => {
    const ema = averageOf(compensated);
    for (let step = 0; step < 20; step++) take(ema, step, 'tensors');
    const path = fileOf(ema);
    const before = tf.memory().numTensors;
    const again = averageOf(compensated, readSafetensors(path).snapshot);
    for (let step = 20; step < 30; step++) {
      take(ema, step, 'tensors');
      take(again, step, 'tensors');
    }
    expect(textOf(again)).toBe(textOf(ema));
    again.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 1); // a count of the other's, which comes with an update
    ema.dispose();
  });
});

it('a snapshot of a file is a snapshot like any other', () => {
  const ema = averaged();
  const snapshot: Snapshot = readSafetensors(fileOf(ema)).snapshot;
  const copy = structuredClone(snapshot);
  expect(copy).toEqual(ema.snapshot());
  const shadow: WeightMap<Float32Array> = new ModelEma<Float32Array>(OPTIONS, copy).shadow;
  expect(shadow).toEqual(ema.shadow);
});
