import { getEventListeners } from 'node:events';
import { lastValueFrom, toArray } from 'rxjs';
import { runWorker } from 'rx-ema/kafka';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../refusal.js';
import { noClient } from './support/fakeWorker.js';

const LEAST = { client: noClient, brokers: 'b:9092', input: 'in', output: 'out', ema: { decay: 0.5 } };

describe('runWorker', () => {
  it('refuses wrong options when it is called, not when it is subscribed to', () => {
    expect(refusal(() => runWorker({ ...LEAST, ema: { decay: 2 } })).code).toBe('DECAY_RANGE');
    expect(refusal(() => runWorker({ ...LEAST, output: 'in' })).code).toBe('OPTION_VALUE');
  });

  it('begins nothing until it is subscribed to', () => {
    const connected: unknown[] = [];
    const client = {
      ...noClient,
      get KafkaConsumer() {
        connected.push('consumer');
        return noClient.KafkaConsumer;
      },
    };
    const worker$ = runWorker({ ...LEAST, client });
    connected.length = 0; // the options have been looked at
    expect(worker$).toHaveProperty('subscribe');
    expect(connected).toEqual([]);
  });

  it('completes without having begun, if its signal says so, and leaves no listener there', async () => {
    const stop = new AbortController();
    stop.abort();
    const states = await lastValueFrom(runWorker({ ...LEAST, signal: stop.signal }).pipe(toArray()));
    expect(states.map(({ status }) => status)).toEqual(['stopping', 'stopping']);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
