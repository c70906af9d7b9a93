import { lastValueFrom, toArray } from 'rxjs';
import { runWorker } from 'rx-ema/kafka';
import { describe, expect, it } from 'vitest';
import { noClient } from './support/fakeWorker.js';

const options = { client: noClient, brokers: 'none', input: 'in', output: 'out', ema: { decay: 0.5 } };

describe('runWorker', () => {
  it('that is told to stop before it is subscribed to says so, and connects to nothing', async () => {
    const states = await lastValueFrom(runWorker({ ...options, signal: AbortSignal.abort() }).pipe(toArray()));
    expect(states.map(({ status }) => status)).toEqual(['stopping', 'stopping']);
  });
});
