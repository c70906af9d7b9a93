import { expect, it } from 'vitest';
import { unwritableHeader, writableHeaders } from '../../../src/apps/scale/headers.js';

const binary = { trace: Buffer.from([0, 255]) };
const text = [{ a: 'sécond' }, { a: Buffer.from('€') }, { empty: '' }];

it('headers of text are written as they are', () => {
  expect(unwritableHeader(text)).toBeUndefined();
  expect(writableHeaders(text)).toEqual(text);
});

it.each([
  ['bytes that are no UTF-8', Buffer.from([255])],
  ['bytes with a zero among them', Buffer.from('a\0b')],
  ['text with a zero in it', 'a\0b'],
])('a header of %s is named, and goes to the dead letters in base64', (_, value) => {
  expect(unwritableHeader([...text, { trace: value }])).toBe('trace');
  expect(writableHeaders([{ trace: value }, { own: 'mine' }])).toEqual([
    { 'trace;base64': Buffer.from(value).toString('base64') },
    { own: 'mine' },
  ]);
});

it('the first that can’t be written is named', () => {
  expect(unwritableHeader([...text, binary, { other: Buffer.from([254]) }])).toBe('trace');
});
