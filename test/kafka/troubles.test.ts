import { Ema } from 'rx-ema';
import { float64, type WorkerOptions } from 'rx-ema/kafka';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { startCluster, type Cluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import { runs } from './support/runs.js';
import { topicsOf, type Topics } from './support/topics.js';

const EMA = { halfLife: 1 } as const;
const all = Array.from({ length: 200 }, (_, x) => ({ key: `k${x % 7}`, value: `{"x":${x},"of":"a run"}` }));

/** What one run that is never interrupted makes of a partition. */
function smoothed(values: readonly { key: Buffer | null; value: Buffer | null }[]): number[] {
  const emas = new Map<string, Ema<{ x: number }>>();
  return values.map(({ key, value }) => {
    const name = String(key);
    if (!emas.has(name)) emas.set(name, new Ema(EMA));
    return emas.get(name)!.update(JSON.parse(String(value)) as { x: number }, 'raw').x;
  });
}

describeWith(kafka, 'a worker in trouble', (client) => {
  let cluster: Cluster;
  let topics: Topics;
  beforeAll(async () => {
    cluster = await startCluster();
    topics = topicsOf(client, cluster.bootstrap);
    await topics.create('in', 2);
    await topics.create('out', 2);
    await topics.create('narrow', 1);
    await topics.create('plain', 2);
    await topics.create('compacted-1', 1, { 'cleanup.policy': 'compact' });
    await topics.produce('in', all);
  });
  afterAll(() => cluster.stop());

  type Options = Partial<WorkerOptions<{ x: number }>>;
  const options = (more: Options = {}) => ({
    client,
    brokers: cluster.bootstrap,
    input: 'in',
    output: 'out',
    ema: EMA,
    ...more,
  });

  it.each<[string, Options, string, RegExp]>([
    ['an input that is not there', { input: 'missing' }, 'TOPIC_MISSING', /^the topic 'missing' must exist/],
    ['an output that is not there', { output: 'missing' }, 'TOPIC_MISSING', /^the topic 'missing' must exist/],
    [
      'an output of fewer partitions',
      { output: 'narrow' },
      'TOPIC_SETTINGS',
      /^'narrow' must have at least the 2 partitions of 'in', got 1$/,
    ],
    [
      'a changelog that is not compacted',
      { changelog: 'plain' },
      'TOPIC_SETTINGS',
      /^'plain' must have cleanup\.policy=compact/,
    ],
    [
      'a changelog of other partitions',
      { changelog: 'compacted-1' },
      'TOPIC_SETTINGS',
      /^'compacted-1' must have the 2 partitions of 'in', got 1$/,
    ],
    [
      'dead letters of fewer partitions',
      { deadLetters: 'narrow' },
      'TOPIC_SETTINGS',
      /^'narrow' must have at least the 2 partitions of 'in', got 1$/,
    ],
    [
      'a codec that is not that of the topic',
      { codec: float64() as never },
      'CODEC_MISMATCH',
      /^the codec must be that of 'in', got 100 messages in a row/,
    ],
  ])('ends with one clear error of %s, and writes nothing', async (_, more, code, words) => {
    const run = runs(options({ group: `g-${code}-${JSON.stringify(more).length}`, ...more }));
    const error = await run.ended;
    expect(error).toMatchObject({ name: 'SmoothingError', code });
    expect((error as Error).message).toMatch(words);
    for (const topic of ['out', 'plain', 'narrow']) expect((await topics.read(topic)).flat()).toEqual([]);
  });

  it('goes on when its only broker is killed and comes back, with every output once', async () => {
    const [broker] = cluster.brokers;
    const first = runs(options({ output: 'plain', group: 'away' }));
    await first.until(({ messages }) => messages >= all.length);
    await broker!.kill();
    await first.until(({ status, trouble }) => status === 'waiting' && /must answer|away/.test(trouble ?? ''));
    await broker!.start();
    await topics.produce('in', all);
    await first.until(({ messages }) => messages >= 2 * all.length);
    await first.stop();
    expect(first.states.at(-1)!.status).toBe('stopping');
    const [inputs, outputs] = [await topics.read('in'), await topics.read('plain')];
    for (const [partition, values] of inputs.entries()) {
      const found = outputs[partition]!.map(({ value }) => (JSON.parse(String(value)) as { x: number }).x);
      expect(found).toEqual(smoothed(values));
    }
  });

  it('waits for a broker that is not there yet', async () => {
    const [broker] = cluster.brokers;
    await broker!.kill();
    const run = runs(options({ output: 'plain', group: 'away' }));
    const { trouble } = await run.until(({ status }) => status === 'waiting');
    expect(trouble).toMatch(/^the brokers at 127\.0\.0\.1:\d+ must answer: /);
    await broker!.start();
    await run.until(({ status }) => status === 'running');
    await run.stop();
    expect(await run.ended).toBeNull();
  });

  it('is refused a changelog of other options, by their names', async () => {
    const run = runs(options({ output: 'plain', group: 'away', ema: { halfLife: 2 } }));
    const error = await run.ended;
    expect(error).toMatchObject({ code: 'SNAPSHOT_OPTIONS' });
    expect((error as Error).message).toMatch(/halfLife: 1 where these have halfLife: 2/);
  });

  it('is refused a changelog that is ahead of the position of its group', async () => {
    const run = runs(options({ output: 'plain', group: 'another', changelog: 'away-changelog' }));
    expect(await run.ended).toMatchObject({ code: 'SNAPSHOT_CORRUPT' });
  });

  it('waits no longer when it is to stop', async () => {
    const [broker] = cluster.brokers;
    await broker!.kill();
    const run = runs(options({ output: 'plain', group: 'away' }));
    await run.until(({ status }) => status === 'waiting');
    const before = performance.now();
    await run.stop();
    expect(performance.now() - before).toBeLessThan(10_000);
    await broker!.start();
  });
});
