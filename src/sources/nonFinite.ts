const WORD = /^\s*([+-]?)(?:(nan)|inf(?:inity)?)\s*$/i;

/**
 * The number that a word stands for, where there are no digits for it: `nan`, `inf` and `infinity`, in any case and with any
 * sign. Undefined for other text.
 */
export function nonFinite(text: string): number | undefined {
  const [found, sign, nan] = WORD.exec(text) ?? [];
  if (found === undefined) return undefined;
  return nan !== undefined ? NaN : sign === '-' ? -Infinity : Infinity;
}
