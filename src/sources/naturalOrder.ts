const natural = new Intl.Collator('en', { numeric: true });

/**
 * The order of names in which numbers count as integers: step-9 comes before step-10, and loss=0.5 before loss=0.25. Names that
 * are equal so, as `1` and `01`, are in the order of their letters.
 *
 * @returns as `sort` has it
 */
export function naturalOrder(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : Number(a > b));
}
