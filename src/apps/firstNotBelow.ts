import type { Numbers } from './dashboard/column.js';

/** The first index in [from, to) whose number is not below an edge, else `to`; the numbers never go down. Near ones are found soonest. */
export function firstNotBelow(x: Numbers, edge: number, from = 0, to: number = x.length): number {
  let low = from;
  let high = from;
  for (let stride = 1; high < to && x[high]! < edge; stride *= 2) {
    low = high + 1;
    high = Math.min(to, high + stride);
  }
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < edge) low = middle + 1;
    else high = middle;
  }
  return low;
}
