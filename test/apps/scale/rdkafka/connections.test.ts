import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { KafkaError } from '../../../../src/apps/scale/rdkafka/client.js';
import type { ClusterSettings } from '../../../../src/apps/scale/rdkafka/clusterSettings.js';
import { Connections } from '../../../../src/apps/scale/rdkafka/connections.js';
import { CODE } from '../../../../src/apps/scale/rdkafka/errors.js';
import { Refusals } from '../../../../src/apps/scale/rdkafka/refusals.js';
import { virtualTime } from '../support/virtualTime.js';

const LATE: KafkaError = { code: CODE.timedOut, message: 'timed out' };
const SILENCE: KafkaError = { code: CODE.allDown, message: 'all down' };

/** Connections of a client that never connects, and what they tell of trouble. */
function connections(answers: () => boolean) {
  class Client extends EventEmitter {
    getMetadata(_: unknown, done: (error: KafkaError | null) => void): void {
      done(answers() ? null : SILENCE);
    }
  }
  const told: (string | null)[] = [];
  const client = { KafkaConsumer: Client, Producer: Client, AdminClient: Client };
  const settings = { client, brokers: 'b:1', config: {}, refusals: new Refusals({}), trouble: (what: string | null) => told.push(what) }; // prettier-ignore
  return { told, one: new Connections(settings as unknown as ClusterSettings) };
}

/** A call that comes about after so many ms of failing at once. */
function after(ms: number): (done: (error: KafkaError | null, result: string) => void) => void {
  const since = performance.now();
  return (done) => done(performance.now() - since < ms ? LATE : null, 'done');
}

it('a call that gets no further for 10 s is told of, until it does', async () => {
  const time = virtualTime();
  const { told, one } = connections(() => true);
  const call = one.call(one.observer, 'asking', after(12_000));
  await time.pass(9500);
  expect(told).toEqual([]);
  await time.pass(1500);
  expect(told).toEqual(['asking must come about, got for 10 s: timed out']);
  expect(await time.settling(call)).toBe('done');
  expect(told.slice(1)).toEqual([null]);
});

it('one that has a limit fails after it, so that all begins anew; the time without brokers does not count', async () => {
  const time = virtualTime();
  let isThere = true;
  const { told, one } = connections(() => isThere);
  const began = performance.now();
  const failed = one.call(one.observer, 'asking', after(1e9), undefined, 15_000).catch((error: Error) => error);
  await time.pass(5000);
  isThere = false;
  one.health.hear(SILENCE);
  await time.pass(30_000);
  isThere = true;
  expect(await time.settling(failed)).toMatchObject({ what: 'session', message: 'asking: timed out' });
  expect(performance.now() - began).toBeGreaterThan(49_000);
  expect(performance.now() - began).toBeLessThan(52_000);
  expect(told.filter((what) => what?.startsWith('asking'))).toHaveLength(1);
  expect(told.at(-1)).toBeNull();
});
