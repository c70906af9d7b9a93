import { describe, expect, it } from 'vitest';
import { deadLetter, shortDeadLetter } from '../../../src/apps/scale/deadLetter.js';

describe('a dead letter', () => {
  const message = { partition: 3, offset: 41, key: Buffer.from('k'), value: Buffer.from('{'), timestamp: 17 };
  const own = [
    { 'rx-ema.reason': 'it must be whole, got {' },
    { 'rx-ema.topic': 'in' },
    { 'rx-ema.partition': '3' },
    { 'rx-ema.offset': '41' },
  ];

  it('is the message as it came, with why and whence in headers behind its own', () => {
    const headers = [{ a: Buffer.from('é') }, { a: '2' }];
    const letter = deadLetter('in', { ...message, headers: [...headers, { b: Buffer.of(0xff) }] }, 'it must be whole, got {'); // prettier-ignore
    expect(letter).toEqual({ ...message, offset: undefined, headers: [...headers, { 'b;base64': '/w==' }, ...own] });
    expect(letter.value).toBe(message.value);
  });

  it('has only these where it came without headers, key, value and time', () => {
    const bare = { partition: 3, offset: 41, key: null, value: null, timestamp: -1 };
    expect(deadLetter('in', bare, 'it must be whole, got {')).toEqual({
      partition: 3,
      key: null,
      value: null,
      timestamp: -1,
      headers: own,
    });
  });

  it('may be shortened to its key, why and whence', () => {
    const whole = { ...message, headers: [{ a: '1' }] };
    const { headers, ...rest } = shortDeadLetter('in', whole, 'it must be whole, got {');
    expect(rest).toEqual({ partition: 3, key: Buffer.from('k'), value: null, timestamp: 17 });
    const why = 'it must be whole, got { (its 1 bytes and its headers are left out, for their size)';
    expect(headers).toEqual([{ 'rx-ema.reason': why }, ...own.slice(1)]);
  });
});
