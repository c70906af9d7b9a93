import { expect, it } from 'vitest';
import { groupsOf } from '../../../../src/apps/dashboard/page/groups.js';

it('groups metrics by what stands before the first slash, in natural order', () => {
  expect(groupsOf(['val/loss', 'layer10/w', 'lr', 'layer2/w/10', 'layer2/w/9', 'train/a/b', '/odd', 'acc'])).toEqual([
    { prefix: '', tags: ['/odd', 'acc', 'lr'] },
    { prefix: 'layer2', tags: ['layer2/w/9', 'layer2/w/10'] },
    { prefix: 'layer10', tags: ['layer10/w'] },
    { prefix: 'train', tags: ['train/a/b'] },
    { prefix: 'val', tags: ['val/loss'] },
  ]);
});

it('has no group where there is no metric', () => {
  expect(groupsOf([])).toEqual([]);
});
