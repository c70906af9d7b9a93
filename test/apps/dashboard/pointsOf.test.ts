import { describe, expect, it } from 'vitest';
import { pointsOf } from '../../../src/apps/dashboard/pointsOf.js';
import { refusal } from '../../refusal.js';

const NOW = 1_700_000_000_000;
const then = 1_600_000_000_000;

/** What these values come to, one after the other. */
const points = (...values: unknown[]) => values.map(pointsOf(() => NOW));

describe('points', () => {
  it.each<[string, object, object?]>([
    ['a point', { run: 'a', step: 3, atMs: then, values: { loss: 1 } }],
    ['a step of fromFit', { epoch: 1, step: 3, atMs: then, logs: { loss: 1 } }, { run: 'run' }],
    ['a scalar of fromTfevents', { run: 'a', tag: 'loss', step: 3, atMs: then, value: 1 }],
    ['a flat record', { run: 'a', step: 3, atMs: then, loss: 1 }],
    ['a record with seconds', { run: 'a', global_step: 3, wall_time: then / 1000, loss: 1 }],
    ['a record with milliseconds', { run: 'a', iter: 3, timestamp: then, loss: 1 }],
    ['a record with a date', { run: 'a', step: 3, date: new Date(then), loss: 1 }],
    ['a record with a run that is a number', { run: 7, step: 3, atMs: then, loss: 1 }, { run: '7' }],
    ['a record without a run', { step: 3, atMs: then, loss: 1 }, { run: 'run' }],
    ['a record without a time', { run: 'a', step: 3, loss: 1 }, { atMs: NOW }],
    ['a record with a time from some start', { run: 'a', step: 3, elapsed: 12.5, loss: 1 }, { atMs: NOW }],
    ['a point whose time nobody knows', { run: 'a', step: 3, atMs: NaN, values: { loss: 1 } }, { atMs: NaN }],
    [
      'a record with a finer step',
      { run: 'a', epoch: 9, step: 3, atMs: then, loss: 1 },
      { values: { epoch: 9, loss: 1 } },
    ],
    ['a point whose time is none', { run: 'a', step: 3, atMs: -Infinity, values: { loss: 1 } }, { atMs: NaN }],
    ['a scalar of the folder itself', { run: '', tag: 'loss', step: 3, atMs: then, value: 1 }, { run: 'run' }],
    ['a record with an epoch alone', { run: 'a', epoch: 3, atMs: then, loss: 1 }],
    ['a record with more than numbers', { run: 'a', step: 3, atMs: then, loss: 1, phase: 'warm', seed: 5, ok: true }],
  ])('are made of %s', (_, value, differs = {}) => {
    expect(points(value)).toEqual([{ run: 'a', step: 3, atMs: then, values: { loss: 1 }, ...differs }]);
  });

  it('are made of numbers', () => {
    expect(points(5, NaN)).toEqual([
      { run: 'run', step: 1, atMs: NOW, values: { value: 5 } },
      { run: 'run', step: 2, atMs: NOW, values: { value: NaN } },
    ]);
  });

  it('are counted from 1 in each run where they have no step: an epoch and a batch that begin anew are none', () => {
    const records = ['a', 'b', 'a'].map((run, i) => ({ run, epoch: 1, batch: i, loss: 1 }));
    expect(points(...records, { run: 'b', step: null, loss: 1 }).map(({ run, step }) => [run, step])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['b', 2],
    ]);
  });

  it('keep a metric with any name', () => {
    const [record] = points(JSON.parse('{ "step": 1, "__proto__": 2, "": 3 }'));
    expect(Object.entries(record!.values)).toEqual([['__proto__', 2]]); // the empty name is that of an index
    const [scalar] = points({ tag: '__proto__', value: 1, step: 1 });
    expect(Object.entries(scalar!.values)).toEqual([['__proto__', 1]]);
  });

  it.each([
    ['a text', 'loss'],
    ['nothing', undefined],
    ['null', null],
    ['a function', () => 1],
    ['a list in a list', [1]],
    ['a vector', new Float32Array(3)],
    ['a record without a metric', { step: 1, phase: 'warm' }],
    ['a scalar whose value is none', { tag: 'loss', value: '1', step: 1 }],
    ['a map', new Map([['loss', 1]])],
    ['a step that is none', { step: 'one', loss: 1 }],
    ['a step that is not finite', { step: NaN, values: { loss: 1 } }],
  ])('are not made of %s', (_, value) => {
    expect(refusal(() => points(value)).code).toBe('VALUE_KIND');
  });
});
