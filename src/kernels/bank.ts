import { lerp } from '../recurrence/lerp.js';
import { advance, noWeight, W, type Rate } from '../recurrence/weight.js';

const FROM_ZERO = { seeded: false, sma: 0 };

/**
 * M3 at several rates: y_i ← y_i + gain_i·(x − y_i) with gain_i = alpha_i/W_i. A weight that has reached 1 stays there:
 * its gain is alpha_i for good, and only the horizons that still fill up are asked for theirs.
 *
 * @returns what takes a finite number in and gives the averages, as an array of its own
 */
export function bankOf(rates: readonly Rate[]): (x: number) => Float64Array {
  const y = new Float64Array(rates.length);
  const gains = Float64Array.from(rates, ({ alpha }) => alpha);
  let filling = rates.map((rate, i) => ({ rate, i, weight: noWeight() }));

  function fill(): void {
    let settled = false;
    for (const { rate, i, weight } of filling) {
      settled ||= weight[W] === 1;
      gains[i] = advance(weight, 0, rate, FROM_ZERO);
    }
    if (settled) filling = filling.filter(({ weight }) => weight[W] !== 1);
  }

  return (x) => {
    if (filling.length > 0) fill();
    const out = new Float64Array(y.length);
    for (let i = 0; i < y.length; i++) out[i] = y[i] = lerp(y[i]!, x, gains[i]!);
    return out;
  };
}
