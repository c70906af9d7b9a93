import { lastValueFrom, tap } from 'rxjs';
import { runWorker } from 'rx-ema/kafka';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/need.js';
import { type Administration, administrationOf } from './support/administration.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import { type Topics, topicsOf } from './support/topics.js';

type Right = readonly [operation: string, kind: 'topic' | 'group' | 'transactional-id', name: string];

/** All that a worker in slot 0 has to be allowed, once its topics are there. docs/scaling.md has the same list. */
const RIGHTS: readonly Right[] = [
  ['Read', 'topic', 'in'],
  ['Write', 'topic', 'out'],
  ['Read', 'topic', 'g-changelog'],
  ['Write', 'topic', 'g-changelog'],
  ['Write', 'topic', 'out-dead-letters'],
  ['Read', 'group', 'g'],
  ['Write', 'transactional-id', 'g-0'],
  ['Write', 'transactional-id', 'g-0-probe'],
];
/** Besides, the first time: topics that a worker makes. */
const TO_BEGIN: readonly Right[] = [
  ['Create', 'topic', 'g-changelog'],
  ['Create', 'topic', 'out-dead-letters'],
];

/** All of them take minutes: without `--long` two that no other test comes upon. */
const LONG = process.env['RX_EMA_LONG'] !== undefined;
const missed = LONG ? RIGHTS : RIGHTS.filter(([, kind]) => kind === 'group');
const seen = RIGHTS.slice(LONG ? 0 : 1, 2);

describeWith(kafka, 'the rights of a worker', (client) => {
  let cluster: Cluster;
  let administration: Administration;
  let topics: Topics;
  beforeAll(async () => {
    cluster = await startCluster({ users: { ada: 'secret' } });
    administration = administrationOf(cluster);
    topics = topicsOf(client, cluster.bootstrap);
    await topics.create('in', 1);
    await topics.create('out', 1);
    for (const right of [...RIGHTS, ...TO_BEGIN]) await administration.allow('ada', ...right);
  });
  afterAll(() => cluster.stop());

  /** Smooths what there is and one message more, and leaves. Rejects with what goes wrong. */
  async function work(password = 'secret'): Promise<void> {
    await topics.produce('in', [{ key: 'k', value: '{"x":1}' }]);
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const config = {
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'PLAIN',
      'sasl.username': 'ada',
      'sasl.password': password,
    };
    const of = { input: 'in', output: 'out', group: 'g', ema: { halfLife: 1 } };
    const state$ = runWorker({ client, brokers: cluster.sasl, ...of, config, signal: stop.signal });
    await lastValueFrom(state$.pipe(tap(({ messages }) => messages > 0 && stop.abort())));
  }

  it('are these, and two more to make its topics', async () => {
    await work();
    for (const right of TO_BEGIN) await administration.disallow('ada', ...right);
    await work();
    expect(await topics.committed('g', 'in')).toEqual([2]);
  });

  it.each(missed)('are missed without the one to %s the %s %s', async (...right) => {
    const [, kind, name] = right;
    const isUnseen = kind === 'topic' && (name === 'in' || name === 'out');
    await administration.disallow('ada', ...right);
    onTestFinished(() => administration.allow('ada', ...right));
    await expect(work()).rejects.toMatchObject({ code: isUnseen ? 'TOPIC_MISSING' : 'BROKER_REFUSED' });
  });

  it.each(seen)('are missed where a topic may be seen, without the one to %s the %s %s', async (...right) => {
    const [, kind, name] = right;
    await administration.allow('ada', 'Describe', kind, name);
    await administration.disallow('ada', ...right);
    await expect(work()).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
    await administration.allow('ada', ...right);
  });

  it('are nothing without the password', async () => {
    await expect(work('guessed')).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
    await work();
  });
});
