const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Which of two names comes first as people count: `run 2` before `run 10`. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b);
}
