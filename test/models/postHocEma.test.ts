import { ModelEma, postHocEma, powerDecay, type PostHocOptions, type Snapshot, type WeightMap } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { tf, use } from '../support/backends.js';

const STEPS = 2000;
const WIDTHS = [0.05, 0.1];

/** `count` snapshots of each track, evenly over the run; step 0 is the untrained model. */
function saved<W>(
  weightsAt: (step: number) => WeightMap<W>,
  count: number,
  { stepsPerUpdate = 1, compensated = false } = {},
): Snapshot[] {
  const updates = STEPS / stepsPerUpdate;
  const when = new Set(Array.from({ length: count }, (_, i) => Math.round(((i + 1) * updates) / count)));
  return WIDTHS.flatMap((sigmaRel) => {
    const ema = new ModelEma<W>({ decay: powerDecay({ sigmaRel }), stepsPerUpdate, compensated });
    const snapshots: Snapshot[] = [];
    for (let n = 0; n <= updates; n++) {
      ema.update(weightsAt(n * stepsPerUpdate));
      if (when.has(n)) snapshots.push(ema.snapshot());
    }
    ema.dispose();
    return snapshots;
  });
}

/** What a track of that width itself comes to. */
function tracked<W>(weightsAt: (step: number) => WeightMap<W>, sigmaRel: number, step = STEPS): WeightMap<W> {
  const ema = new ModelEma<W>({ decay: powerDecay({ sigmaRel }) });
  for (let n = 0; n <= step; n++) ema.update(weightsAt(n));
  return ema.shadow;
}

const norm = (xs: ArrayLike<number>): number => Math.hypot(...Array.from(xs));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  norm(Array.from(a, (x, i) => x - b[i]!)) / norm(b);

/** Step n brings the n-th unit vector: an average of them is its own profile. */
function impulse(step: number): WeightMap<Float64Array> {
  const w = new Float64Array(STEPS);
  if (step > 0) w[step - 1] = 1;
  return { w };
}

describe('the profile made of 2 tracks over 2000 steps', () => {
  // maths M7's table, measured there by another program: relative L2 error of the impulse response, in percent
  const table: [count: number, ...errors: [sigmaRel: number, percent: number][]][] = [
    [16, [0.075, 0.35], [0.15, 0.9], [0.2, 2.3]],
    [33, [0.02, 2.7], [0.075, 0.08], [0.15, 0.2], [0.2, 0.6], [0.25, 3.4]],
  ];
  it.each(table)('of %i snapshots each is as near as it should be, and says how near', (count, ...errors) => {
    const made = postHocEma({ snapshots: saved(impulse, count), sigmaRel: errors.map(([sigmaRel]) => sigmaRel) });
    for (const [i, [sigmaRel, percent]] of errors.entries()) {
      const { weights, residual } = made[i]!;
      const off = distance(weights['w']!, tracked(impulse, sigmaRel)['w']!);
      expect(100 * off).toBeLessThan(1.5 * percent);
      expect(100 * residual).toBeGreaterThan(0.6 * percent);
      expect(100 * residual).toBeLessThan(1.5 * percent);
    }
  });

  it('can end before the last step', () => {
    const { weights, step } = postHocEma({ snapshots: saved(impulse, 16), sigmaRel: 0.1, step: 1500 });
    expect(step).toBe(1500);
    expect(distance(weights['w']!, tracked(impulse, 0.1, 1500)['w']!)).toBeLessThan(0.01);
  });
});

/** Something that moves like weights: fast at first, with noise. */
const drift = (step: number): number => Math.exp(-step / 400) + 0.1 * Math.sin(step * step);
const floats = (step: number): WeightMap<Float32Array> => ({
  kernel: Float32Array.of(drift(step), -3 * drift(step + 7), 1e4 + drift(step)),
  bias: Float32Array.of(2.5),
});

/** Rises by less than a float32 can show. */
const near = (step: number): WeightMap<Float32Array> => ({ w: Float32Array.of(1 + 1e-7 * step) });
function errorNear(compensated: boolean): number {
  const { weights } = postHocEma({ snapshots: saved(near, 16, { compensated }), sigmaRel: 0.05 });
  const exact = tracked((step) => ({ w: Float64Array.of(Math.fround(1 + 1e-7 * step)) }), 0.05)['w']![0]!;
  return Math.abs(weights['w']![0]! - exact);
}

const counted = (step: number): WeightMap<Float32Array | Int32Array> => ({
  ...floats(step),
  count: Int32Array.of(step),
});
const tensors = (step: number): WeightMap<tf.Tensor> => ({ w: tf.tensor2d([[drift(step), 1]]) });

const of = <W>(options: ConstructorParameters<typeof ModelEma<W>>[0], ...weights: WeightMap<W>[]): Snapshot => {
  const ema = new ModelEma<W>(options);
  for (const one of weights) ema.update(one);
  return ema.snapshot();
};

describe('postHocEma', () => {
  it('comes to what a track of that width would have, in float32', () => {
    const { weights } = postHocEma({ snapshots: saved(floats, 20), sigmaRel: 0.15 });
    const track = tracked(floats, 0.15)['kernel']!;
    const kernel = weights['kernel']!;
    expect(kernel).toBeInstanceOf(Float32Array);
    expect(Math.abs(kernel[0]! - track[0]!)).toBeLessThan(1e-4);
    expect(Math.abs(kernel[1]! - track[1]!)).toBeLessThan(3e-4);
  });

  it('leaves a constant constant', () => {
    const snapshots = saved(floats, 8);
    for (const { weights } of postHocEma({ snapshots, sigmaRel: [0.05, 0.07, 0.14] })) {
      expect(Array.from(weights['bias']!)).toEqual([2.5]);
    }
  });

  it('for several widths gives what each by itself does', () => {
    const snapshots = saved(floats, 12);
    const all = postHocEma({ snapshots, sigmaRel: [0.06, 0.15] });
    expect(all).toEqual([0.06, 0.15].map((sigmaRel) => postHocEma({ snapshots, sigmaRel })));
    expect(postHocEma({ snapshots, sigmaRel: [] })).toEqual([]);
  });

  it('counts training steps where an update stands for several', () => {
    const snapshots = saved(floats, 16, { stepsPerUpdate: 10 });
    const { step, weights } = postHocEma({ snapshots, sigmaRel: 0.1 });
    expect(step).toBe(STEPS);
    const ema = new ModelEma<Float32Array>({ decay: powerDecay({ sigmaRel: 0.1 }), stepsPerUpdate: 10 });
    for (let n = 0; n <= STEPS / 10; n++) ema.update(floats(10 * n));
    expect(distance(weights['kernel']!, ema.shadow['kernel']!)).toBeLessThan(1e-6);
  });

  it('takes what is not averaged from the newest snapshot up to the step', () => {
    const snapshots = saved(counted, 16);
    expect(postHocEma({ snapshots, sigmaRel: 0.1 }).weights['count']).toEqual(Int32Array.of(2000));
    expect(postHocEma({ snapshots, sigmaRel: 0.1, step: 1875 }).weights['count']).toEqual(Int32Array.of(1875));
  });

  it('reads two-term averages whole', () => {
    expect(errorNear(true)).toBeLessThan(2 ** -23);
    expect(errorNear(false)).toBeGreaterThan(errorNear(true));
  });

  it('gives arrays for tensors', async () => {
    await use('cpu');
    tf.engine().startScope();
    const snapshots = saved(tensors, 12);
    tf.engine().endScope();
    const arrays = saved((step) => ({ w: Float32Array.of(drift(step), 1) }), 12);
    expect(postHocEma({ snapshots, sigmaRel: 0.08 }).weights['w']).toEqual(
      postHocEma({ snapshots: arrays, sigmaRel: 0.08 }).weights['w'],
    );
  });

  it('asks for each array once, and for none of a snapshot that brings nothing', () => {
    const asked: string[] = [];
    const snapshots = saved(counted, 8).map((one, i): Snapshot => {
      const shadows = new Proxy(one.shadows, {
        get: (target, name: string) => {
          if (name.startsWith('weight ')) asked.push(`${i} ${name}`);
          return target[name];
        },
      });
      return { ...one, shadows };
    });
    postHocEma({ snapshots: [...snapshots, snapshots[3]!], sigmaRel: [0.06, 0.12] });
    expect(asked.length).toBe(2 * snapshots.length + 1); // and the count of the newest
    expect(new Set(asked).size).toBe(asked.length);
  });

  const snapshots = saved(floats, 8);
  const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]];
  const decay = powerDecay({ sigmaRel: 0.05 });
  const one = floats(1);

  it.each<[string, Partial<PostHocOptions<number>>, string, RegExp]>([
    [
      'a width that they do not carry',
      { sigmaRel: 0.28 },
      'FIT_RESIDUAL',
      /^sigmaRel must be from 0\.0\d+ to 0\.1\d+, at step 2000, got 0\.28 with a residual of 3\d %$/,
    ],
    ['a narrow width', { sigmaRel: 0.01 }, 'FIT_RESIDUAL', /^sigmaRel must be from 0\.0\d+ to/],
    [
      'a width where there is a gap',
      { snapshots: [first], sigmaRel: 0.1, step: 1 },
      'FIT_RESIDUAL',
      /^sigmaRel must be one that these snapshots carry, and they carry none, at step 1, got/,
    ],
    ['a width out of range', { sigmaRel: 0.3 }, 'DECAY_RANGE', /^sigmaRel must be in \(0, 0\.2886/],
    [
      'no width',
      { sigmaRel: undefined as unknown as number },
      'DECAY_RANGE',
      /^sigmaRel must be a number or a list of numbers, got undefined$/,
    ],
    ['text', { sigmaRel: '0.1' as unknown as number }, 'DECAY_RANGE', /got '0.1'$/],
    [
      'an unknown option',
      { steps: 3 } as never,
      'OPTION_UNKNOWN',
      /^options must be among snapshots, sigmaRel, step, got 'steps'/,
    ],
    [
      'a step after the newest snapshot',
      { step: 2001 },
      'OPTION_VALUE',
      /^step must be an integer from 1 to that of the newest snapshot, 2000, got 2001$/,
    ],
    ['step 0', { step: 0 }, 'OPTION_VALUE', /got 0$/],
    ['half a step', { step: 1.5 }, 'OPTION_VALUE', /got 1\.5$/],
    ['no snapshots', { snapshots: [] }, 'OPTION_VALUE', /^snapshots must be at least one, got none$/],
    ['something else than snapshots', { snapshots: [{} as Snapshot] }, 'SNAPSHOT_OPTIONS', /got undefined$/],
    [
      'snapshots of another decay',
      { snapshots: [of({ decay: 0.9 }, one, one)] },
      'SNAPSHOT_OPTIONS',
      /^snapshots must be of ModelEmas whose decay is a powerDecay without bounds, got 0\.9$/,
    ],
    [
      'snapshots of a bounded decay',
      { snapshots: [of({ decay: powerDecay({ gamma: 7, max: 0.9 }) }, one, one)] },
      'SNAPSHOT_OPTIONS',
      /got 'powerDecay\(/,
    ],
    [
      'a snapshot without updates',
      { snapshots: [...others, of({ decay }, one)] },
      'OPTION_VALUE',
      /^snapshots must have seen at least one update, got one with 0$/,
    ],
    ['a snapshot of nothing', { snapshots: [of({ decay })] }, 'OPTION_VALUE', /got one with 0$/],
    [
      'a name more',
      {
        snapshots: [
          ...others,
          of({ decay }, { ...one, more: Float32Array.of(1) }, { ...one, more: Float32Array.of(1) }),
        ],
      },
      'NAMES_MISMATCH',
      /got 'more' in some$/,
    ],
    [
      'another shape',
      {
        snapshots: [
          ...others,
          of({ decay }, { ...one, bias: Float32Array.of(1, 2) }, { ...one, bias: Float32Array.of(1, 2) }),
        ],
      },
      'SHAPE_MISMATCH',
      /^'bias' must have one shape, got \[1\] and \[2\]$/,
    ],
  ])('refuses %s', (_, options, code, message) => {
    const refused = refusal(() => postHocEma({ snapshots, sigmaRel: 0.1, ...options }));
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(message);
  });

  it('refuses to be called without options', () => {
    expect(refusal(() => postHocEma(undefined as unknown as PostHocOptions<number>)).code).toBe('OPTION_VALUE');
  });

  it('names widths that it then makes', () => {
    const { message } = refusal(() => postHocEma({ snapshots, sigmaRel: 0.28 }));
    const [, from, to] = /from ([\d.]+) to ([\d.]+)/.exec(message)!.map(Number) as [number, number, number];
    for (const sigmaRel of [from, to]) expect(postHocEma({ snapshots, sigmaRel }).residual).toBeLessThanOrEqual(0.05);
    for (const sigmaRel of [from - 0.001, to + 0.001]) {
      expect(refusal(() => postHocEma({ snapshots, sigmaRel })).code).toBe('FIT_RESIDUAL');
    }
  });
});
