import { expect, it } from 'vitest';
import { farewell } from '../../../../src/apps/cli/worker/words.js';
import { aState } from './aState.js';

it('a farewell says what was done, and what was wrong at the end', () => {
  expect(farewell(aState({ messages: 1200, trouble: null }))).toBe('stopped: 1,200 messages');
  expect(farewell(aState({ messages: 1, trouble: 'the brokers at b:1 must answer: gone' }))).toBe(
    'stopped: 1 message; trouble at the end: the brokers at b:1 must answer: gone',
  );
});
