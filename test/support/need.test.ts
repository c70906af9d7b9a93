import { describe, expect, it, vi } from 'vitest';
import { absent, describeWith, type Need } from './need.js';

const unicorn: Need<string> = { name: 'a unicorn', remedy: 'Be kind.', find: () => null };

describe('absent', () => {
  it('skips with the reason on a machine of one’s own', () => {
    const skip = vi.fn<(why: string) => void>();
    for (const ci of [undefined, '', 'false']) absent(unicorn, ci, skip);
    expect(skip.mock.calls).toEqual(Array.from({ length: 3 }, () => ['a unicorn was not found. Be kind.']));
  });

  it('fails with the same sentence under CI', () => {
    const skip = vi.fn<(why: string) => void>();
    for (const ci of ['true', '1', 'woodpecker']) {
      expect(() => absent(unicorn, ci, skip)).toThrow('a unicorn was not found. Be kind.');
    }
    expect(skip).not.toHaveBeenCalled();
  });
});

describeWith({ ...unicorn, find: () => 'Amalthea' }, 'describeWith', (thing) => {
  it('hands over what was found', () => {
    expect(thing).toBe('Amalthea');
  });
});
