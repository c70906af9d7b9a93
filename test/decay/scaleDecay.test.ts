import { powerDecay, rampDecay, scaleDecay, ModelEma, type DecaySchedule } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../src/decay/schedule.js';
import { refusal } from '../refusal.js';

/** What update 4 of a run brings, each for so many steps that nobody multiplies their decays. */
const over = (decay: DecaySchedule): number => {
  const ema = new ModelEma<Float64Array>(
    { decay, stepsPerUpdate: 1e12 },
    { shadow: { w: Float64Array.of(0) }, updates: 3 },
  );
  return ema.update({ w: Float64Array.of(1) })['w']![0]!;
};

describe('scaleDecay', () => {
  it('is decay^batchRatio: the values of the batch-size rule', () => {
    // maths M8, to the digits given there
    expect(Math.abs(scaleDecay(0.996, 16) - 0.93788)).toBeLessThan(5e-6);
    expect(Math.abs(scaleDecay(0.9999, 10) - 0.99900045)).toBeLessThan(5e-9);
    expect([scaleDecay(0, 3), scaleDecay(1, 3), scaleDecay(0.7, 1)]).toEqual([0, 1, 0.7]);
  });

  it('of a larger batch and back is the decay it was', () => {
    expect(Math.abs(scaleDecay(scaleDecay(0.999, 8), 1 / 8) - 0.999)).toBeLessThan(4 * 2 ** -53);
  });

  it('scales a schedule step by step', () => {
    const ramp = rampDecay({ decay: 0.99, tau: 5 });
    const scaled = scaleDecay(ramp, 4);
    for (const step of [1, 5, 100]) expect(scaled({ step })).toBe(ramp({ step }) ** 4);
  });

  it('notes the schedule and the ratio in a snapshot, which another ratio does not fit', () => {
    const ramp = rampDecay({ decay: 0.99, tau: 5 });
    const decay = scaleDecay(ramp, 4);
    expect(planOf(decay)).toBe(`scaleDecay(${JSON.stringify({ batchRatio: 4, decay: planOf(ramp) })})`);
    expect(planOf(scaleDecay(() => 0.5, 2))).toBe('scaleDecay({"batchRatio":2,"decay":"custom"})');
    const snapshot = new ModelEma({ decay }).snapshot();
    expect(new ModelEma({ decay: scaleDecay(ramp, 4) }, snapshot).updates).toBe(0);
    expect(refusal(() => new ModelEma({ decay: scaleDecay(ramp, 2) }, snapshot)).code).toBe('SNAPSHOT_OPTIONS');
  });

  it('hands on what is out of range, even where the power would not be', () => {
    const one = { w: Float32Array.of(1) };
    for (const bad of [-0.5, 1.5, NaN, 'x' as unknown as number]) {
      const ema = new ModelEma<Float32Array>({ decay: scaleDecay(() => bad, 2) });
      ema.update(one);
      expect(refusal(() => ema.update(one)).code).toBe('SCHEDULE_RANGE');
    }
  });

  it('keeps what a schedule says of many steps at once', () => {
    // (1 − 1/4)^(2·2): one update in four of the run
    expect(Math.abs(over(scaleDecay(powerDecay({ gamma: 1 }), 2)) - (1 - 0.75 ** 4))).toBeLessThan(2 ** -52);
  });

  it.each([0, -1, NaN, Infinity, '2'])('refuses a ratio of %o', (ratio) => {
    expect(refusal(() => scaleDecay(0.9, ratio as number)).code).toBe('OPTION_VALUE');
  });

  it.each([-0.1, 1.1, NaN, '0.9', null, undefined])('refuses a decay of %o', (decay) => {
    const { code, message } = refusal(() => scaleDecay(decay as number, 2));
    expect(code).toBe('DECAY_RANGE');
    expect(message).toMatch(/^decay must be in \[0, 1\], or a schedule, got /);
  });
});
