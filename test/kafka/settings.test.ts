import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { runWorker } from 'rx-ema/kafka';
import { expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';

describeWith(kafka, 'settings that the client does not take', (client) => {
  it.each([
    ['of a name that it does not know', { nonsense: 1 }, 'nonsense'],
    ['of a value that it does not know', { 'compression.type': 'rar' }, 'rar'],
    ['that don’t go together', { 'max.in.flight': 10 }, 'max.in.flight'],
  ])('%s are an error, which quotes the client', async (_, config, words) => {
    const brokers = '127.0.0.1:1';
    const state$ = runWorker({ client, brokers, input: 'in', output: 'out', ema: { decay: 0.5 }, config });
    await expect(lastValueFrom(state$)).rejects.toMatchObject({
      code: 'OPTION_VALUE',
      message: expect.stringMatching(
        new RegExp(`^config must be settings that the client takes, got one that it does not: .*${words}`),
      ) as unknown,
    });
  });
});

describeWith(kafka, 'settings that the client takes', (client) => {
  it('are those of the longest session too', async () => {
    const options = { client, brokers: '127.0.0.1:1', input: 'in', output: 'out', ema: { decay: 0.5 } };
    const state$ = runWorker({ ...options, sessionMs: 1_800_000 });
    const waiting = await firstValueFrom(state$.pipe(filter(({ trouble }) => trouble !== null)));
    expect(waiting.trouble).toMatch(/127\.0\.0\.1:1/); // all that is missing is the broker
  });
});
