import { expect, it } from 'vitest';

const modulePath: string = '../examples/train/page/columns.js'; // the page's own JavaScript, without types
const { Columns, indexOf, thinned } = await import(modulePath);

it('grows past its first memory, and keeps missing values as NaN', () => {
  const columns = new Columns(['step', 'loss']);
  for (let at = 0; at < 5000; at += 500) {
    const step = Array.from({ length: 500 }, (_, i) => at + i);
    columns.append({ step, loss: step.map((value) => (value % 10 === 0 ? null : 2 * value)) });
  }
  expect(columns.length).toBe(5000);
  expect(columns.get('step')).toEqual(Float64Array.from({ length: 5000 }, (_, i) => i));
  expect([...columns.get('loss').subarray(4998)]).toEqual([9996, 9998]);
  expect(columns.get('loss')[4990]).toBeNaN();
});

it('finds the first value that is not less', () => {
  const values = Float64Array.of(1, 3, 5);
  expect([0, 1, 2, 3, 5, 6].map((x) => indexOf(values, x))).toEqual([0, 0, 1, 1, 2, 3]);
});

it('thins to about the limit, and loses no spike and no end', () => {
  const x = Float64Array.from({ length: 100_003 }, (_, i) => i);
  const y = x.map((i) => Math.sin(i / 1000));
  y[54_321] = 99;
  y[54_323] = -99;
  const [thinX, thinY] = thinned([x, y], 5000);
  expect(thinX.length).toBeLessThanOrEqual(5002);
  expect(thinY).toHaveLength(thinX.length);
  expect([thinX[0], thinX.at(-1)]).toEqual([0, 100_002]);
  for (let i = 1; i < thinX.length; i++) expect(thinX[i]).toBeGreaterThanOrEqual(thinX[i - 1]);
  expect([...thinY].indexOf(99)).toBeGreaterThan(0);
  expect([...thinY].indexOf(-99)).toBeGreaterThan([...thinY].indexOf(99)); // in the order in which they came
});

it('leaves what fits as it is', () => {
  const columns = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)];
  expect(thinned(columns, 5000)).toEqual(columns);
});
