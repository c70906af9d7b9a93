import { expect, it } from 'vitest';
import { endsOf } from '../../../../src/apps/dashboard/page/ends.js';

it('a name is parted before its last 14 letters, none of them torn apart', () => {
  expect(endsOf('2026-11-26_resnet50_lr=1e-3')).toEqual(['2026-11-26_re', 'snet50_lr=1e-3']);
  expect(endsOf('short')).toEqual(['', 'short']);
  expect(endsOf('')).toEqual(['', '']);
  expect(endsOf(`a${'🙂'.repeat(14)}`)).toEqual(['a', '🙂'.repeat(14)]);
});
