import { expect, it } from 'vitest';
import { Gaps } from '../../../src/apps/scale/gaps.js';
import type { Message, Port } from '../../../src/apps/scale/port.js';

/** Gaps where partitions begin there, and the partitions that were asked for. */
function gaps(oldest: readonly (number | null)[]) {
  const asked: number[] = [];
  const port: Partial<Port> = {
    oldest(partition) {
      asked.push(partition);
      return oldest[partition]!;
    },
  };
  return { asked, gaps: new Gaps(port as Port) };
}

const at = (offset: number, partition = 0): Message => ({ partition, offset, key: null, value: null, timestamp: -1 });

it.each([
  { oldest: 0, next: 5, offset: 9, trimmed: 0 },
  { oldest: 5, next: 5, offset: 9, trimmed: 0 },
  { oldest: 7, next: 5, offset: 9, trimmed: 2 },
  { oldest: 9, next: 5, offset: 9, trimmed: 4 },
  { oldest: 20, next: 5, offset: 9, trimmed: 4 },
  { oldest: null, next: 5, offset: 9, trimmed: 0 },
])(
  'of a gap from $next to $offset, $trimmed are trimmed if $oldest is the oldest',
  ({ oldest, next, offset, trimmed }) => {
    expect(gaps([oldest]).gaps.trimmed(at(offset), next)).toBe(trimmed);
  },
);

it('asks what is oldest once for each partition, and only if there is a gap', () => {
  const { asked, gaps: one } = gaps([0, 5, 5]);
  for (let offset = 0; offset < 100; offset++) one.trimmed(at(offset, 2), offset);
  expect(asked).toEqual([]);
  for (let offset = 10; offset < 100; offset += 3) for (const partition of [0, 1]) one.trimmed(at(offset, partition), offset - 2); // prettier-ignore
  expect(asked).toEqual([0, 1]);
});
