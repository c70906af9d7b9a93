import {
  biasCorrected,
  cosineDecay,
  emaScan,
  halfLifeRampDecay,
  inverseGammaDecay,
  powerDecay,
  rampDecay,
  warmupDecay,
  type DecaySchedule,
} from 'rx-ema';
import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../src/decay/schedule.js';
import { direct } from '../fixtures/direct.js';
import { refusal } from '../refusal.js';

const at = (schedule: DecaySchedule, steps: readonly number[]): number[] => steps.map((step) => schedule({ step }));

describe('rampDecay', () => {
  it('is decay · (1 − exp(−step / tau)): yolov5’s values', () => {
    // maths M6, as yolov5 computes them, to the digits given there
    const values = at(rampDecay({ decay: 0.9999, tau: 2000 }), [1, 100, 2000, 10_000]);
    [0.00049983, 0.0487657, 0.63205735, 0.99316273].forEach((want, i) => {
      expect(Math.abs(values[i]! - want)).toBeLessThan(5e-8);
    });
  });

  it('rises to its decay and never above it', () => {
    const values = at(rampDecay({ decay: 0.9, tau: 3 }), [1, 2, 5, 10, 50, 1e3, 1e9]);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.at(-1)).toBe(0.9);
  });
});

describe('warmupDecay', () => {
  it('is min(decay, (1 + n)/(10 + n)), n from 0: TensorFlow’s values', () => {
    const values = at(warmupDecay({ decay: 0.9999 }), [1, 2, 101, 89_991, 1e6]);
    [1 / 10, 2 / 11, 101 / 110, 0.9999, 0.9999].forEach((want, i) => {
      expect(Math.abs(values[i]! - want)).toBeLessThan(1e-15);
    });
  });

  it('reaches 0.9999 at n = 89990 and not before', () => {
    const [before, there] = at(warmupDecay({ decay: 0.9999 }), [89_990, 89_991]);
    expect(before).toBeLessThan(0.9999);
    expect(there).toBe(0.9999);
  });
});

describe('inverseGammaDecay', () => {
  it('is 1 − (1 + step/gamma)^−power: timm’s values', () => {
    // maths M6, to the digits given there
    const values = at(inverseGammaDecay({ decay: 1 }), [10, 100, 31_621, 999_999]);
    [0.79781999, 0.95389099, 0.999, 0.9999].forEach((want, i) => {
      expect(Math.abs(values[i]! - want)).toBeLessThan(5e-8);
    });
  });

  it('stops at its decay', () => {
    expect(at(inverseGammaDecay({ decay: 0.999 }), [31_622, 1e9])).toEqual([0.999, 0.999]);
  });

  it('with gamma 1 and power 1 is the plain mean of the first weights and those of each step', () => {
    expect(at(inverseGammaDecay({ decay: 1, power: 1 }), [1, 2, 4])).toEqual([1 / 2, 1 - 1 / 3, 4 / 5]);
  });

  it('warms up longer with a larger gamma, shorter with a larger power', () => {
    const [plain, longer, shorter] = [{}, { gamma: 10 }, { power: 3 / 4 }].map((more) =>
      inverseGammaDecay({ decay: 1, ...more })({ step: 50 }),
    ) as [number, number, number];
    expect(longer).toBeLessThan(plain);
    expect(shorter).toBeGreaterThan(plain);
  });
});

describe('cosineDecay', () => {
  it('goes from its decay to 1 as a cosine: BYOL’s values', () => {
    // maths M6: k/K = 0, 1/4, 1/2, 1 with k = step − 1
    const values = at(cosineDecay({ decay: 0.996, steps: 1000 }), [1, 251, 501, 1001]);
    [0.996, 0.99658579, 0.998, 1].forEach((want, i) => {
      expect(Math.abs(values[i]! - want)).toBeLessThan(5e-9);
    });
  });

  it('stands still once its steps are over', () => {
    expect(at(cosineDecay({ decay: 0.9, steps: 10 }), [11, 12, 1e6])).toEqual([1, 1, 1]);
  });
});

describe('halfLifeRampDecay', () => {
  it('halves over 9 % of the steps so far, until that is its half-life', () => {
    const decay = halfLifeRampDecay({ halfLife: 900 });
    for (const [step, halfLife] of [
      [100, 9],
      [5000, 450],
      [10_000, 900],
      [1e6, 900],
    ] as const) {
      expect(Math.abs(decay({ step }) ** halfLife - 0.5)).toBeLessThan(1e-13); // 900 powers of a rounded decay
    }
  });

  it('takes another share as rampRatio', () => {
    expect(halfLifeRampDecay({ halfLife: 900, rampRatio: 0.5 })({ step: 2 })).toBe(0.5);
  });
});

describe('powerDecay', () => {
  it('is (1 − 1/step)^(gamma + 1)', () => {
    expect(at(powerDecay({ gamma: 1 }), [2, 4])).toEqual([0.25, 0.5625]);
    const values = at(powerDecay({ sigmaRel: 0.1 }), [2, 1000]);
    // maths M7: sigmaRel 0.10 is gamma 6.9372
    [0.5 ** 7.9372, 0.999 ** 7.9372].forEach((want, i) => {
      expect(Math.abs(values[i]! / want - 1)).toBeLessThan(5e-5);
    });
  });

  it.each([{ sigmaRel: 0.05 }, { sigmaRel: 0.25 }, { gamma: 0 }, { gamma: 40 }])(
    'of %o begins with a decay of 0, exactly: nothing is left of what was before',
    (profile) => {
      expect(powerDecay(profile as { gamma: number })({ step: 1 })).toBe(0);
    },
  );

  it('with gamma 0 is the plain mean', () => {
    expect(at(powerDecay({ gamma: 0 }), [1, 2, 4, 5])).toEqual([0, 1 / 2, 3 / 4, 4 / 5]);
  });

  it.each([0.05, 0.1, 0.15])(
    'of sigmaRel %d weighs the past in that width, about (gamma + 1)/(gamma + 2)',
    (sigmaRel) => {
      const steps = 2000;
      const schedule = powerDecay({ sigmaRel });
      const weights = new Float64Array(steps);
      for (let step = 1; step <= steps; step++) {
        const decay = schedule({ step });
        for (let i = 0; i < step; i++) weights[i]! *= decay;
        weights[step - 1] = 1 - decay;
      }
      const moment = (of: (t: number) => number): number =>
        weights.reduce((sum, weight, i) => sum + weight * of((i + 1) / steps), 0);
      const centre = moment((t) => t);
      // q = sigmaRel^−2 belongs to the gamma of (gamma + 2)²·(gamma + 3)/(gamma + 1) = q; a sum of 2000 steps, not an integral
      expect(Math.abs(Math.sqrt(moment((t) => (t - centre) ** 2)) - sigmaRel)).toBeLessThan(1 / steps);
      const gamma = 1 / (1 - centre) - 2;
      expect(Math.abs(Math.sqrt((gamma + 1) / (gamma + 3)) / (gamma + 2) - sigmaRel)).toBeLessThan(1 / steps);
      expect(Math.abs(moment(() => 1) - 1)).toBeLessThan(1e-12);
    },
  );

  it.each([
    [undefined, 'none'],
    [{}, 'none'],
    [{ sigmaRel: 0.1, gamma: 7 }, 'both'],
  ])('refuses %o', (options, got) => {
    expect(refusal(() => powerDecay(options as { gamma: number }))).toEqual({
      code: 'DECAY_CHOICE',
      message: `powerDecay must get exactly one of sigmaRel, gamma, got ${got}`,
    });
  });

  it('notes the one that was given', () => {
    expect(planOf(powerDecay({ sigmaRel: 0.1 }))).toBe('powerDecay({"max":1,"min":0,"sigmaRel":0.1,"startAfter":0})');
    expect(planOf(powerDecay({ gamma: 7 }))).toBe('powerDecay({"gamma":7,"max":1,"min":0,"startAfter":0})');
  });
});

type Make = (options: object) => DecaySchedule;
const SCHEDULES: readonly (readonly [name: string, make: Make, own: Readonly<Record<string, number>>])[] = [
  ['rampDecay', rampDecay as Make, { decay: 0.9, tau: 2 }],
  ['warmupDecay', warmupDecay as Make, { decay: 0.9 }],
  ['inverseGammaDecay', inverseGammaDecay as Make, { decay: 0.9, gamma: 2, power: 0.75 }],
  ['cosineDecay', cosineDecay as Make, { decay: 0.1, steps: 8 }],
  ['powerDecay', powerDecay as Make, { gamma: 3 }],
  ['powerDecay', powerDecay as Make, { sigmaRel: 0.1 }],
  ['halfLifeRampDecay', halfLifeRampDecay as Make, { halfLife: 9, rampRatio: 0.5 }],
];

describe.each(SCHEDULES)('%s, bounded', (name, of, own) => {
  const make = (bounds: object): DecaySchedule => of({ ...own, ...bounds });
  const plain = make({});
  const steps = [1, 2, 4, 7, 1000];

  it('never goes below min or above max', () => {
    const within = (min: number, max: number) => at(plain, steps).map((d) => Math.max(min, Math.min(max, d)));
    expect(at(make({ min: 0.2, max: 0.5 }), steps)).toEqual(within(0.2, 0.5));
    expect(at(make({ min: 0.7 }), steps)).toEqual(within(0.7, 1));
    expect(at(make({ max: 0.3 }), steps)).toEqual(within(0, 0.3));
    expect(within(0.2, 0.5)).not.toEqual(at(plain, steps));
  });

  it('copies for startAfter steps and counts from there', () => {
    const late = make({ startAfter: 3 });
    expect(at(late, [1, 2, 3])).toEqual([0, 0, 0]);
    expect(at(late, [4, 5, 6])).toEqual(at(plain, [1, 2, 3]));
    expect(make({ startAfter: 3, min: 0.5 })({ step: 3 })).toBe(0);
  });

  it('tells its name and all parameters to snapshots, in one order', () => {
    const all = Object.entries({ ...own, min: 0, max: 0.5, startAfter: 3 }).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(planOf(make({ startAfter: 3, max: 0.5 }))).toBe(`${name}(${JSON.stringify(Object.fromEntries(all))})`);
    expect(planOf(plain)).toBe(planOf(make({ min: 0, max: 1, startAfter: 0 })));
  });

  it('keeps its parameters when the caller’s object changes', () => {
    const options = { ...own, max: 0.5 };
    const schedule = of(options);
    const before = at(schedule, steps);
    for (const key of Object.keys(options)) (options as Record<string, number>)[key] = 0.25;
    expect(at(schedule, steps)).toEqual(before);
  });

  it('smooths a stream as the definition has it', async () => {
    const values = [4, 8, 1, -3, 0.5, 2, 2, 7, 1, 1];
    const tolerance = 1e-14; // ten steps, each rounded a few times, of values up to 8
    const raw = await lastValueFrom(from(values).pipe(emaScan({ decay: plain }), toArray()));
    direct((step) => plain({ step }), values, 0).forEach((want, i) => {
      expect(Math.abs(raw[i]! - want)).toBeLessThan(tolerance);
    });
    const corrected = await lastValueFrom(from(values).pipe(emaScan({ decay: plain }), biasCorrected(), toArray()));
    direct((step) => plain({ step }), values, null).forEach((want, i) => {
      expect(Math.abs(corrected[i]! - want)).toBeLessThan(tolerance);
    });
  });

  it.each([
    ...Object.keys(own).flatMap((key): [object, RegExp][] => [
      [{ [key]: -0.1 }, new RegExp(`^${key} (of ${name} )?must .*, got -0.1$`)],
      [{ [key]: NaN }, new RegExp(`^${key} (of ${name} )?must .*, got NaN$`)],
      [{ [key]: Infinity }, new RegExp(`^${key} (of ${name} )?must .*, got Infinity$`)],
      [{ [key]: '0.1' }, new RegExp(`^${key} of ${name} must be a number, got 0.1$`)],
    ]),
    [{ min: -0.1 }, new RegExp(String.raw`^min of ${name} must be in \[0, 1\], got -0.1$`)],
    [{ max: 2 }, new RegExp(String.raw`^max of ${name} must be in \[0, 1\], got 2$`)],
    [{ min: 0.6, max: 0.5 }, new RegExp(String.raw`^min of ${name} must be <= max \(0.5\), got 0.6$`)],
    [{ startAfter: 1.5 }, new RegExp(`^startAfter of ${name} must be an integer >= 0, got 1.5$`)],
    [{ startAfter: -1 }, new RegExp(`^startAfter of ${name} must be an integer >= 0, got -1$`)],
  ])('refuses %o', (bounds, message) => {
    const refused = refusal(() => make(bounds));
    expect(refused.code).toBe('DECAY_RANGE');
    expect(refused.message).toMatch(message);
  });

  it('refuses an unknown parameter', () => {
    const { code, message } = refusal(() => make({ rate: 1 }));
    expect(code).toBe('OPTION_UNKNOWN');
    expect(message).toBe(`${name} must get ${Object.keys(own).join(', ')}, min, max, startAfter, got rate`);
  });
});

it.each(SCHEDULES.filter(([name]) => name !== 'powerDecay' && name !== 'halfLifeRampDecay'))(
  '%s refuses a decay above 1, and none',
  (name, make, own) => {
    for (const decay of [1.1, undefined]) {
      const must = decay === undefined ? 'be a number' : 'be in [0, 1]';
      expect(refusal(() => make({ ...own, decay }))).toEqual({
        code: 'DECAY_RANGE',
        message: `decay of ${name} must ${must}, got ${decay}`,
      });
    }
  },
);

it.each([
  ['inverseGammaDecay', inverseGammaDecay({ decay: 0.9 }), { decay: 0.9, gamma: 1, power: 2 / 3 }],
  ['halfLifeRampDecay', halfLifeRampDecay({ halfLife: 9 }), { halfLife: 9, rampRatio: 0.09 }],
] as const)('%s notes its defaults as if they were given', (name, schedule, all) => {
  const make = SCHEDULES.find(([one]) => one === name)![1];
  expect(planOf(schedule)).toBe(planOf(make(all)));
});

it('a half-life of 0 and a tau of 0 are refused', () => {
  expect(refusal(() => halfLifeRampDecay({ halfLife: 0 })).message).toBe(
    'halfLife of halfLifeRampDecay must be > 0 steps and finite, got 0',
  );
  expect(refusal(() => cosineDecay({ decay: 0.9, steps: 0 })).code).toBe('DECAY_RANGE');
});

it.each([0, -1, NaN, Infinity])('rampDecay refuses tau %d', (tau) => {
  expect(refusal(() => rampDecay({ decay: 0.9, tau }))).toEqual({
    code: 'DECAY_RANGE',
    message: `tau of rampDecay must be > 0 steps and finite, got ${tau}`,
  });
});

it.each(SCHEDULES.filter(([name]) => name !== 'powerDecay'))(
  '%s refuses to be called without an object',
  (name, make) => {
    expect(refusal(() => make(undefined as never))).toEqual({
      code: 'OPTION_VALUE',
      message: `${name} must get its parameters as an object, got undefined`,
    });
  },
);

it('a schedule of one’s own reads custom in a snapshot', () => {
  expect(planOf(() => 0.5)).toBe('custom');
});
