const SI = ['', 'k', 'M', 'G', 'T', 'P'];

/**
 * How numbers of an axis are written: all in one unit, the shortest way that tells them apart.
 *
 * @param most - the largest magnitude on the axis
 * @example tickLabels(20_000)(5000) // => '5k'
 */
export function tickLabels(most: number): (value: number) => string {
  const power = most >= 1e4 ? Math.floor(Math.log10(most * (1 + 1e-9)) / 3) : 0;
  if (power >= SI.length || (most > 0 && most < 1e-3)) return exponential;
  return (value) => plain(value / 1000 ** power) + (value === 0 ? '' : SI[power]!);
}

/** A number on its own: four digits are enough to read it. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return exponential(Number(value.toPrecision(4)));
  return plain(Number(value.toPrecision(4)));
}

/** Without the digits that adding up ticks leaves behind. */
const plain = (value: number): string => minus(String(Number(value.toPrecision(10))));

function exponential(value: number): string {
  const [digits, exponent] = Number(value.toPrecision(10)).toExponential().split('e') as [string, string];
  return value === 0 ? '0' : minus(`${digits}e${Number(exponent)}`);
}

const minus = (text: string): string => text.replaceAll('-', '−');
