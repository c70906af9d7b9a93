import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ClusterSettings } from '../../../../src/apps/scale/rdkafka/clusterSettings.js';
import type { KafkaError } from '../../../../src/apps/scale/rdkafka/client.js';
import { Health } from '../../../../src/apps/scale/rdkafka/health.js';
import { Refusals } from '../../../../src/apps/scale/rdkafka/refusals.js';

const error = (message: string): KafkaError => ({ message, code: -1 });
const SILENCE = error('all broker connections are down');

/** A health, and what it tells of trouble. */
function health(ask: () => Promise<unknown>) {
  const told: (string | null)[] = [];
  const refusals = new Refusals({});
  const settings: Partial<ClusterSettings> = {
    brokers: 'b:1',
    group: 'g',
    refusals,
    trouble: (what) => told.push(what),
  };
  return { told, refusals, health: new Health(settings as ClusterSettings, ask) };
}

it('says why no broker answers, until one does', async () => {
  let asked = 0;
  const { told, health: one } = health(() => (asked++ === 0 ? Promise.reject(SILENCE) : Promise.resolve()));
  one.hear(error('ssl error'));
  one.hear(SILENCE);
  await sleep(0);
  expect(told).toEqual(['the brokers at b:1 must answer: ssl error', null]);
});

it('says nothing of connections that nobody needs while brokers answer', async () => {
  const { told, health: one } = health(() => Promise.resolve());
  one.hear(SILENCE);
  await sleep(0);
  expect(told).toEqual([]);
});

it('says that all are silent if there is no more to say', async () => {
  const { told, health: one } = health(() => Promise.reject(SILENCE));
  one.hear(SILENCE);
  await sleep(0);
  expect(told).toEqual(['the brokers at b:1 must answer: all broker connections are down']);
  one.end();
});

it('says nothing of what is heard once it is over', async () => {
  const { told, health: one } = health(() => Promise.reject(SILENCE));
  one.end();
  one.hear(SILENCE);
  await sleep(0);
  expect(told).toEqual([]);
});

it('is over at a refusal, whatever is heard behind it', () => {
  const { health: one } = health(() => Promise.resolve());
  one.hear(error('authentication failure'));
  one.hear(SILENCE);
  expect(() => one.check()).toThrow("got 'authentication failure' when connecting to b:1");
});

it('takes brokers that shut it out for away, if they let it in before', async () => {
  let asked = 0;
  const { told, refusals, health: one } = health(() => (asked++ === 0 ? Promise.reject(SILENCE) : Promise.resolve()));
  refusals.wasLetIn = true;
  one.hear(error('authentication failure'));
  await sleep(0);
  expect(told).toEqual(['the brokers at b:1 must answer: authentication failure', null]);
  expect(one.unreachable(SILENCE)).toMatchObject({ what: 'session' });
  expect(() => one.check()).not.toThrow();
});

it('says why the group does not take it in, until it does', () => {
  const { told, health: one } = health(() => Promise.resolve());
  one.takenIn();
  one.leftOut('Broker: Invalid session timeout');
  one.takenIn();
  one.takenIn();
  expect(told).toEqual(["the group 'g' must take the worker in: Broker: Invalid session timeout", null]);
});

it('tells of each trouble until it is over, whatever becomes of others', async () => {
  let isThere = false;
  const { told, health: one } = health(() => (isThere ? Promise.resolve() : Promise.reject(SILENCE)));
  one.tell('a', 'first');
  one.tell('b', 'second');
  one.tell('b', null);
  one.tell('b', null);
  one.hear(SILENCE);
  await sleep(0);
  isThere = true;
  await sleep(300);
  one.tell('a', null);
  const silence = 'the brokers at b:1 must answer: all broker connections are down';
  expect(told).toEqual(['first', 'second', 'first', silence, 'first', null]);
});
