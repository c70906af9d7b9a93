import { describe, expect, it } from 'vitest';
import { axesOf } from '../../../src/apps/runs/axesOf.js';

describe('the axes of a table', () => {
  it.each([
    ['PyTorch by hand', ['step', 'time_ms', 'loss'], 'step', 'time_ms', ['loss']],
    ['Lightning', ['epoch', 'step', 'train_loss', 'val_loss'], 'step', null, ['epoch', 'train_loss', 'val_loss']],
    ['Keras', ['epoch', 'accuracy', 'loss'], 'epoch', null, ['accuracy', 'loss']],
    ['YOLO', ['epoch', 'time', 'train/box_loss', 'lr/pg0'], 'epoch', 'time', ['train/box_loss', 'lr/pg0']],
    [
      'Stable Baselines 3',
      ['time/iterations', 'rollout/ep_rew_mean', 'time/total_timesteps', 'time/time_elapsed', 'time/fps'],
      'time/total_timesteps',
      'time/time_elapsed',
      ['time/iterations', 'rollout/ep_rew_mean', 'time/fps'],
    ],
    ['W&B', ['_step', '_runtime', '_timestamp', 'loss'], '_step', '_runtime', ['loss']],
    ['Hugging Face', ['loss', 'grad_norm', 'epoch', 'step'], 'step', null, ['loss', 'grad_norm', 'epoch']],
    ['trainers', ['trainer/global_step', 'epoch', 'loss'], 'trainer/global_step', null, ['epoch', 'loss']],
    ['batches of epochs', ['epoch', 'batch', 'loss'], null, null, ['epoch', 'batch', 'loss']],
    ['pandas', ['', 'seed', 'id', 'loss'], null, null, ['loss']],
  ])('are found where %s wrote it', (_, names, step, time, metrics) => {
    expect(axesOf(names)).toEqual({ step, time, metrics });
  });
});
