/** How an amount of smoothing is said: the steps after which a value weighs half; the span, 2 / alpha − 1; the decay itself. */
export type Scale = 'halfLife' | 'span' | 'decay';

/** An amount of smoothing as somebody said it: kept as it is, so that what is typed stays what is shown. */
export interface Amount {
  readonly scale: Scale;
  readonly value: number;
}

/** What each scale allows: its least value means no smoothing. */
export const LIMITS: Readonly<Record<Scale, readonly [number, number]>> = {
  halfLife: [0, 1e9],
  span: [1, 1e9],
  decay: [0, 0.999_999_999],
};

const SHORTEST = 0.1;
const DIGITS = 3;

/** The decay behind an amount: 2^(−1 / half-life), (span − 1) / (span + 1), or itself; 0 is no smoothing. */
export function decayOf({ scale, value }: Amount): number {
  if (scale === 'halfLife') return value === 0 ? 0 : 2 ** (-1 / value);
  return scale === 'span' ? (value - 1) / (value + 1) : value;
}

/** The same smoothing on another scale, rounded to what can be told apart. */
export function onScale(amount: Amount, scale: Scale): Amount {
  if (amount.scale === scale) return amount;
  const decay = decayOf(amount);
  const alpha = 1 - decay;
  const exact = { halfLife: halfLifeOf(decay), span: 2 / alpha - 1, decay }[scale];
  return { scale, value: within(scale, Number(exact.toPrecision(9))) };
}

/** A number as somebody typed it, kept to what the scale allows; null if it is none. */
export function typedAmount(scale: Scale, text: string): Amount | null {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() === '' || Number.isNaN(value) ? null : { scale, value: within(scale, value) };
}

/** Where a slider from 0 to 1 stands: logarithmic in the half-life, from none to `longest`. */
export function sliderOf(amount: Amount, longest: number): number {
  const halfLife = halfLifeOf(decayOf(amount));
  if (halfLife <= SHORTEST) return halfLife === 0 ? 0 : Number.MIN_VALUE;
  return Math.min(1, Math.log(halfLife / SHORTEST) / Math.log(longest / SHORTEST));
}

/** What a slider stands for, in three digits on its scale; of a decay, of what it leaves to a new value. */
export function slid(position: number, scale: Scale, longest: number): Amount {
  if (position === 0) return { scale, value: LIMITS[scale][0] };
  const halfLife = SHORTEST * (longest / SHORTEST) ** position;
  if (scale === 'halfLife') return { scale, value: rounded(halfLife) };
  const alpha = rounded(-Math.expm1(-Math.LN2 / halfLife));
  if (scale === 'decay') return { scale, value: Number((1 - alpha).toFixed(12)) };
  return { scale, value: rounded(2 / alpha - 1) };
}

/** The end of the slider: a tenth of the longest curve, a power of ten, 10 000 or more. */
export function longestHalfLife(points: number): number {
  return Math.max(1e4, 10 ** Math.floor(Math.log10(Math.max(1, points)) - 1));
}

function halfLifeOf(decay: number): number {
  return decay === 0 ? 0 : -Math.LN2 / Math.log(decay);
}

function rounded(x: number): number {
  return Number(x.toPrecision(DIGITS));
}

function within(scale: Scale, value: number): number {
  const [least, most] = LIMITS[scale];
  return Math.min(most, Math.max(least, value));
}
