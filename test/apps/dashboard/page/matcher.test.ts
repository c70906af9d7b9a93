import { describe, expect, it } from 'vitest';
import { matcherOf } from '../../../../src/apps/dashboard/page/matcher.js';

const NAMES = ['train/loss', 'val/loss', 'train/Accuracy', 'lr'];
const found = (text: string, pattern = false): string[] => NAMES.filter(matcherOf({ text, pattern }).matches);

describe('a search', () => {
  it('for nothing finds all', () => {
    expect(found('  ')).toEqual(NAMES);
    expect(found('', true)).toEqual(NAMES);
  });

  it('for words finds names that hold each of them, in any case and order', () => {
    expect(found('LOSS')).toEqual(['train/loss', 'val/loss']);
    expect(found('acc train')).toEqual(['train/Accuracy']);
    expect(found('.*')).toEqual([]);
  });

  it('by pattern finds what matches', () => {
    expect(found('^(train|val)/loss$', true)).toEqual(['train/loss', 'val/loss']);
  });

  it('by a pattern that is none says why, and finds all', () => {
    const { matches, wrong } = matcherOf({ text: '(', pattern: true });
    expect(wrong).toContain('Unterminated group');
    expect(NAMES.every(matches)).toBe(true);
    expect(matcherOf({ text: '(', pattern: false }).wrong).toBeNull();
  });
});
