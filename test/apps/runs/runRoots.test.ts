import { describe, expect, it } from 'vitest';
import { runRoots } from '../../../src/apps/runs/runRoots.js';

const labels = (...paths: string[]): string[] => runRoots(paths).map(({ label }) => label);

describe('the names of paths', () => {
  it.each([
    [['/x/run'], ['run']],
    [['/x/run.csv'], ['run']],
    [['/x/run.csv.gz'], ['run']],
    [['/x/run/metrics.csv'], ['run']],
    [['/x/run/events.out.tfevents.1.host'], ['run']],
    [
      ['/x/a', '/x/b'],
      ['a', 'b'],
    ],
    [
      ['/x/a/run', '/x/b/run'],
      ['a/run', 'b/run'],
    ],
    [
      ['/x/a/logs/run', '/y/a/logs/run', '/x/b'],
      ['x/a/logs/run', 'y/a/logs/run', 'b'],
    ],
    [
      ['/x/a/metrics.csv', '/x/b/metrics.jsonl'],
      ['a', 'b'],
    ],
    [
      ['/x/run.csv', '/x/run.jsonl'],
      ['run', 'run'],
    ],
    [
      ['/run', '/x/run'],
      ['/run', 'x/run'],
    ],
  ])('of %j are %j', (paths, expected) => {
    expect(labels(...paths)).toEqual(expected);
  });

  it('stand in front of the runs in sub-folders, where there are several', () => {
    expect(runRoots(['/x/a']).map(({ prefix }) => prefix)).toEqual(['']);
    expect(runRoots(['/x/a', '/x/b']).map(({ prefix }) => prefix)).toEqual(['a/', 'b/']);
  });

  it('are given once to a path that is given twice', () => {
    expect(runRoots(['/x/a', '/x/b/../a'])).toEqual([{ path: '/x/a', label: 'a', prefix: '' }]);
  });
});
