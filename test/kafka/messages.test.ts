import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ema } from 'rx-ema';
import { float64 } from 'rx-ema/kafka';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KafkaConsumer } from '../../src/apps/scale/rdkafka/client.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { describeWith } from '../support/need.js';
import { administrationOf } from './support/administration.js';
import { JAVA } from './support/broker.js';
import { startCluster, type Cluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import type { Read } from './support/readTopic.js';
import { runs, type Run } from './support/runs.js';
import { topicsOf, type Topics } from './support/topics.js';

const EMA = { halfLife: 1 } as const;
const good = (x: number) => ({ key: 'k', value: `{"x":${x}}`, timestamp: 10 });
const text = (value: Buffer | null) => value && value.toString();

describeWith(kafka, 'the messages of a worker', (client) => {
  let cluster: Cluster;
  let topics: Topics;
  beforeAll(async () => {
    cluster = await startCluster();
    topics = topicsOf(client, cluster.bootstrap);
  });
  afterAll(() => cluster.stop());

  async function pair(name: string, partitions = 1, config?: Record<string, string>): Promise<void> {
    await topics.create(name, partitions);
    await topics.create(`${name}-out`, partitions, config);
  }

  const start = (name: string, more: object = {}): Run =>
    runs({ client, brokers: cluster.bootstrap, input: name, output: `${name}-out`, ema: EMA, ...more });

  /** Takes so many messages in, and ends. */
  async function taken(name: string, count: number, more?: object): Promise<Run> {
    const run = start(name, more);
    await run.until(({ messages }) => messages >= count);
    await run.stop();
    return run;
  }

  it('come out with their key, timestamp and headers, each in the partition of its input', async () => {
    await pair('plain', 3);
    const headers = [{ a: 'first' }, { a: 'sécond' }, { empty: '' }];
    const sent = [
      { partition: 0, key: 'k', value: '{"x":4}', timestamp: 1_700_000_000_001, headers },
      { partition: 2, key: Buffer.from([0, 255, 128]), value: '{"x":8}', timestamp: 5 },
      { partition: 1, key: null, value: '{"x":6}', timestamp: -1 },
      { partition: 1, key: '', value: '{"x":6}', timestamp: -1000 },
      { partition: 1, key: 'gone', value: null, timestamp: 1_600_000_000_001 },
    ];
    await topics.produce('plain', sent);
    await taken('plain', sent.length);
    const read = await topics.read('plain-out');
    const found = read.flat().map(({ partition, key, value, timestamp }) => [partition, key, text(value), timestamp]);
    expect(found).toEqual([
      [0, Buffer.from('k'), '{"x":2}', 1_700_000_000_001],
      [1, null, '{"x":3}', -1],
      [1, Buffer.alloc(0), '{"x":3}', -1000],
      [1, Buffer.from('gone'), null, 1_600_000_000_001],
      [2, Buffer.from([0, 255, 128]), '{"x":4}', 5],
    ]);
    expect(read[0]![0]!.headers).toEqual([
      { a: Buffer.from('first') },
      { a: Buffer.from('sécond') },
      { empty: Buffer.alloc(0) },
    ]);
  });

  it('that can’t be smoothed are dead letters, as they came, with the reason; the others go on', async () => {
    await pair('poison');
    const broken = ['', '{"x":', '[1]', '7', '{"x":"four"}', Buffer.from([255, 254])];
    const bad = broken.map((value) => ({ key: 'k', value, timestamp: 11, headers: [{ own: 'mine' }] }));
    await topics.produce('poison', [good(4), ...bad, good(8)]);
    const run = await taken('poison', 8);
    expect(run.states.at(-1)).toMatchObject({ messages: 8, deadLetters: 6 });
    const [outputs] = await topics.read('poison-out');
    expect(outputs!.map(({ value }) => text(value))).toEqual(['{"x":2}', '{"x":5}']);
    const [letters] = await topics.read('poison-out-dead-letters');
    expect(letters!.map(({ value }) => value)).toEqual(broken.map((value) => Buffer.from(value)));
    expect(letters!.map(({ timestamp }) => timestamp)).toEqual([11, 11, 11, 11, 11, 11]);
    expect(
      letters![4]!.headers.map(
        (header) => Object.entries(header).map(([name, value]) => `${name}=${String(value)}`)[0],
      ),
    ).toEqual([
      'own=mine',
      "rx-ema.reason=field 'x' must be a number, got 'four'",
      'rx-ema.topic=poison',
      'rx-ema.partition=0',
      'rx-ema.offset=5',
    ]);
  });

  it('of transactions that were aborted are not read', async () => {
    await pair('aborted');
    await topics.produce('aborted', [good(4)], { transaction: 'commit' });
    await topics.produce('aborted', [good(1000)], { transaction: 'abort' });
    await topics.produce('aborted', [good(8)], { transaction: 'commit' });
    const first = await taken('aborted', 2);
    await topics.produce('aborted', [good(1000)], { transaction: 'abort' });
    await topics.produce('aborted', [good(5)], { transaction: 'commit' });
    await taken('aborted', 1);
    const [outputs] = await topics.read('aborted-out');
    expect(outputs!.map(({ value }) => text(value))).toEqual(['{"x":2}', '{"x":5}', '{"x":5}']);
    expect(first.states.at(-1)!.deadLetters).toBe(0);
  });

  it('that retention removed before they were read are passed over, and counted', async () => {
    await pair('trimmed');
    const all = Array.from({ length: 10 }, (_, x) => ({ key: 'k', value: `{"x":${x}}` }));
    await topics.produce('trimmed', all);
    await taken('trimmed', 10);
    await topics.produce('trimmed', all);
    await administrationOf(cluster).trim('trimmed', [15]);
    const { states } = await taken('trimmed', 5);
    expect(states.at(-1)!.trimmed).toBe(5);
    const ema = new Ema<{ x: number }>(EMA);
    const expected = [...all, ...all.slice(5)].map(
      ({ value }) => ema.update(JSON.parse(value) as { x: number }, 'raw').x,
    );
    const [outputs] = await topics.read('trimmed-out');
    expect(outputs!.map(({ value }) => (JSON.parse(text(value)!) as { x: number }).x)).toEqual(expected);
  });

  it('that retention removed while a worker lagged are counted, and marks of transactions are not', async () => {
    await pair('lagging');
    const members: KafkaConsumer[] = [];
    class Held extends client.KafkaConsumer {
      constructor(config: never, topicConfig: never) {
        super(config, topicConfig);
        if ('group.instance.id' in (config as object)) members.push(this);
      }
    }
    const ten = Array.from({ length: 10 }, (_, x) => good(x));
    await topics.produce('lagging', ten);
    const run = start('lagging', { client: { ...client, KafkaConsumer: Held } });
    const trimmed = async (count: number): Promise<number> =>
      (await run.until(({ messages }) => messages >= count)).trimmed;
    expect(await trimmed(10)).toBe(0);
    const all = [{ topic: 'lagging', partition: 0 }];
    members[0]!.pause(all);
    await topics.produce('lagging', ten);
    await administrationOf(cluster).trim('lagging', [15]);
    members[0]!.resume(all);
    expect(await trimmed(15)).toBe(5);
    for (const transaction of ['abort', 'commit', 'commit'] as const) await topics.produce('lagging', [good(1)], { transaction }); // prettier-ignore
    expect(await trimmed(17)).toBe(5);
    await run.stop();
    expect(run.states.at(-1)).toMatchObject({ messages: 17, aborts: 0, restarts: 0 });
  });

  it('are changed in what the client can’t write: a header of null comes out empty, a timestamp of 0 as the time of writing', async () => {
    await pair('java');
    await javaSays(
      `try (var producer = new KafkaProducer<String, String>(Map.of("bootstrap.servers", "${cluster.bootstrap}"),
           new StringSerializer(), new StringSerializer())) {
         producer.send(new ProducerRecord<>("java", 0, 0L, "k", "{}", List.of(new RecordHeader("none", (byte[]) null)))).get();
       }`,
    );
    const before = Date.now();
    await taken('java', 1);
    const [[came], [out]] = (await Promise.all([topics.read('java'), topics.read('java-out')])).map(([read]) => read!) as [Read[], Read[]]; // prettier-ignore
    expect([came!.timestamp, out!.headers]).toEqual([0, [{ none: Buffer.alloc(0) }]]);
    expect(out!.timestamp).toBeGreaterThanOrEqual(before);
  });

  it('may be bare doubles', async () => {
    await pair('doubles');
    const doubles = [4, 8, NaN, Math.PI].map((x) => ({ key: 'k', value: Buffer.from(Float64Array.of(x).buffer) }));
    await topics.produce('doubles', [...doubles, { key: 'k', value: 'seven b' }]);
    await taken('doubles', 5, { codec: float64() });
    const [outputs] = await topics.read('doubles-out');
    const ema = new Ema(EMA);
    const expected = [4, 8, NaN, Math.PI].map((x) => ema.update(x, 'raw'));
    expect(outputs!.map(({ value }) => value!.readDoubleLE(0))).toEqual(expected);
    expect((await topics.read('doubles-out-dead-letters'))[0]).toHaveLength(1);
  });

  it('have their keys where Java puts them, if they are written as the docs say', async () => {
    const keys = Array.from({ length: 2000 }, (_, i) => `sensor-${i * 7919}-${'é'.repeat(i % 5)}`);
    await topics.create('keys', 7);
    await topics.produce(
      'keys',
      keys.map((key) => ({ key, value: '{}' })),
    );
    const places = await javaSays(
      `for (String key : lines)
         System.out.println(BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), 7));`,
      keys,
    );
    const read = await topics.read('keys');
    const placeOf = new Map(read.flat().map(({ key, partition }) => [key!.toString(), partition]));
    expect(keys.map((key) => placeOf.get(key))).toEqual(places.map(Number));
  });
});

/** What a piece of Java prints, which may use Kafka's own client and \`lines\`. */
async function javaSays(code: string, lines: readonly string[] = []): Promise<string[]> {
  const folder = emptyFolder();
  const program = join(folder, 'Program.java');
  writeFileSync(
    program,
    `import java.nio.charset.StandardCharsets;
    import java.nio.file.*;
    import java.util.*;
    import org.apache.kafka.clients.producer.*;
    import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
    import org.apache.kafka.common.header.internals.RecordHeader;
    import org.apache.kafka.common.serialization.StringSerializer;
    class Program {
      public static void main(String[] args) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(args[0]));
        ${code}
      }
    }`,
  );
  writeFileSync(join(folder, 'lines'), lines.join('\n'));
  const { stdout } = await promisify(execFile)('java', [...JAVA, program, join(folder, 'lines')]);
  return stdout.trim().split('\n');
}
