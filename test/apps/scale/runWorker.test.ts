import { getEventListeners } from 'node:events';
import { setImmediate as macrotask } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { runWorker } from 'rx-ema/kafka';
import { describe, expect, it } from 'vitest';
import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import { refusal } from '../../refusal.js';
import { noClient } from './support/fakeWorker.js';

const LEAST = { client: noClient, brokers: 'b:9092', input: 'in', output: 'out', ema: { decay: 0.5 } };

/** A client that can't be made, and what was to be made of it. */
function countingClient(): { client: KafkaClient; made: string[] } {
  const made: string[] = [];
  const part = (name: string): unknown =>
    function make(): never {
      made.push(name);
      throw new Error('there is no broker');
    };
  const [KafkaConsumer, Producer, AdminClient] = ['KafkaConsumer', 'Producer', 'AdminClient'].map(part);
  return { client: { KafkaConsumer, Producer, AdminClient } as never, made };
}

describe('runWorker', () => {
  it('refuses wrong options when it is called, not when it is subscribed to', () => {
    expect(refusal(() => runWorker({ ...LEAST, ema: { decay: 2 } })).code).toBe('DECAY_RANGE');
    expect(refusal(() => runWorker({ ...LEAST, output: 'in' })).code).toBe('OPTION_VALUE');
  });

  it('begins nothing until it is subscribed to', async () => {
    const { client, made } = countingClient();
    const worker$ = runWorker({ ...LEAST, client });
    await macrotask();
    expect(made).toEqual([]);
    await expect(lastValueFrom(worker$)).rejects.toThrow('there is no broker');
    expect(made).toEqual(['KafkaConsumer']);
  });

  it('connects nothing for whoever leaves at its first state', async () => {
    const { client, made } = countingClient();
    expect(await firstValueFrom(runWorker({ ...LEAST, client }))).toMatchObject({ status: 'starting' });
    await macrotask();
    expect(made).toEqual([]);
  });

  it('completes without having begun, if its signal says so, and leaves no listener there', async () => {
    const stop = new AbortController();
    stop.abort();
    const states = await lastValueFrom(runWorker({ ...LEAST, signal: stop.signal }).pipe(toArray()));
    expect(states.map(({ status }) => status)).toEqual(['stopping', 'stopping']);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
