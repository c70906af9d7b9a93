import { expect, it } from 'vitest';
import { Newest } from '../../../../src/apps/dashboard/page/newest.js';

it('lets one thing be worked on at a time, and then the newest of those that were offered', () => {
  const started: number[] = [];
  const newest = new Newest<number>((one) => started.push(one));
  newest.offer(1);
  newest.offer(2);
  newest.offer(3);
  expect(started).toEqual([1]);
  newest.done();
  expect(started).toEqual([1, 3]);
  newest.done();
  newest.done();
  newest.offer(4);
  expect(started).toEqual([1, 3, 4]);
});
