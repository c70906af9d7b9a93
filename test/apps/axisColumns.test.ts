import { describe, expect, it } from 'vitest';
import { isAxisName, isStepName, isTimeName } from '../../src/apps/axisColumns.js';

describe('the names of axes', () => {
  it.each([
    'step',
    'Step',
    'global_step',
    'trainer/global_step',
    'train/epoch',
    'iteration',
    'iter',
    'batch',
    '_step',
    'time/total_timesteps',
  ])('takes %s for the number of a step', (name) => {
    expect([isStepName(name), isTimeName(name), isAxisName(name)]).toEqual([true, false, true]);
  });

  it.each([
    'time',
    'time_ms',
    'timestamp',
    'Wall time',
    'wall_time',
    '_timestamp',
    '_runtime',
    'date',
    'DateTime',
    'time/time_elapsed',
  ])('takes %s for a time', (name) => {
    expect([isStepName(name), isTimeName(name), isAxisName(name)]).toEqual([false, true, true]);
  });

  it.each(['', 'index', 'id', 'seed', 'Unnamed: 0'])('takes %j for a key', (name) => {
    expect([isStepName(name), isTimeName(name), isAxisName(name)]).toEqual([false, false, true]);
  });

  it.each([
    'loss',
    'loss/epoch',
    'train/loss',
    'time_per_step',
    'batch_size',
    'epoch_loss',
    '_',
    'identity',
    'lr',
    'time/fps',
  ])('leaves %s to be smoothed', (name) => {
    expect(isAxisName(name)).toBe(false);
  });
});
