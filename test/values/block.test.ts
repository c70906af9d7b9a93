import { Ema } from 'rx-ema';
import { expect, it } from 'vitest';

it('a start that is not finite in every element is refused', () => {
  const ema = new Ema<Float64Array>({ alpha: 0.5, start: { value: Float64Array.of(NaN, 1) } });
  expect(() => ema.update(Float64Array.of(1, 1))).toThrow(expect.objectContaining({ code: 'OPTION_VALUE' }) as Error);
  expect(ema.seen).toBe(0);
});
