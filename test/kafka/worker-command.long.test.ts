import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { biasCorrected, Ema, emaScan, fromBytes } from 'rx-ema';
import { from, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../support/emptyFolder.js';
import { heard, type Heard } from '../support/heard.js';
import { describeWith } from '../support/need.js';
import { programOf, type Program } from '../support/program.js';
import { administrationOf } from './support/administration.js';
import { startCluster, type Cluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import { topicsOf, type Topics } from './support/topics.js';

interface Reading {
  readonly sensor: string;
  readonly at: number;
  readonly celsius: number;
}

const PARTITIONS = 3;
const EMA = { halfLifeMs: 2000, time: 'at', columns: ['celsius'] } as const;
const FLAGS = ['--half-life-ms', '2000', '--time', 'at', '--columns', 'celsius'];
const PASSWORD = 'hunter2 & more';

/** Of 30 sensors, in turn. */
function* readings(from: number, to: number): Generator<Reading> {
  for (let n = from; n < to; n++) {
    yield { sensor: `s${n % 30}`, at: 1_700_000_000_000 + 10 * n, celsius: 20 + (n % 7) / 10 };
  }
}

const sent = (all: Iterable<Reading>) =>
  Array.from(all, (one) => ({ key: one.sensor, value: JSON.stringify(one), timestamp: one.at }));

/** What a run that is never interrupted makes of a partition. */
const smoothed = (all: readonly Reading[]) =>
  lastValueFrom(from(all).pipe(emaScan<Reading>({ ...EMA, by: 'sensor' }), biasCorrected(), toArray()));

const urlOf = (one: Heard) => one.hears(/metrics at (http\S+)\/metrics\n/);
const bytes = (x: number) => Buffer.from(Float64Array.of(x).buffer);
const isClean = (text: string) => !text.includes('hunter2') && !text.includes('other & 1');

describeWith(kafka, 'rx-ema worker on a real Kafka', (client) => {
  let cluster: Cluster;
  let topics: Topics;
  let program: Program;
  beforeAll(async () => {
    program = await programOf('src/apps/cli/main.ts');
    cluster = await startCluster({ users: { ada: PASSWORD, eve: 'x' } });
    topics = topicsOf(client, cluster.bootstrap);
  });
  afterAll(async () => {
    program.remove();
    await cluster.stop();
  });

  function worker(topic: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Heard {
    const brokers = args.includes('--brokers') ? [] : ['--brokers', cluster.bootstrap];
    const own = ['--in', topic, '--out', `${topic}-out`, '--metrics-port', '0', ...FLAGS, ...brokers, ...args];
    const [node, ...words] = program.line(['worker', ...own]);
    return heard(spawn(node!, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** A topic to read, with a topic to write. */
  async function topicOf(name: string, all: Iterable<Reading>): Promise<string> {
    await topics.create(name, PARTITIONS);
    await topics.create(`${name}-out`, PARTITIONS);
    await topics.produce(name, sent(all));
    return name;
  }

  const records = async (topic: string) =>
    (await topics.read(topic)).map((partition) =>
      partition.map(({ value }) => JSON.parse(value!.toString()) as Reading),
    );

  /** Waits until all that is in a topic has been committed. */
  async function done(topic: string): Promise<void> {
    const counts = (await topics.read(topic)).map(({ length }) => length);
    await topics.reached(`rx-ema-${topic}-out`, topic, counts);
  }

  const running = /running with partitions 0-2\n/;

  it('smooths a topic, commits and leaves within 5 s of a signal, and goes on as if it had never ended', async () => {
    const topic = await topicOf('twice', readings(0, 2000));
    const first = worker(topic);
    await first.hears(running);
    await done(topic);
    first.kill('SIGTERM');
    const begin = performance.now();
    const { code, stdout, stderr } = await first.end;
    expect(performance.now() - begin).toBeLessThan(5000);
    expect([code, stdout, stderr.split('\n').at(-2)]).toEqual([0, '', 'rx-ema: stopped: 2,000 messages']);

    await topics.produce(topic, sent(readings(2000, 4000)));
    const second = worker(topic);
    await second.hears(/restoring partitions 0-2\n/);
    await second.hears(running);
    await done(topic);
    second.kill('SIGINT');
    expect((await second.end).code).toBe(0);
    const expected = await Promise.all((await records(topic)).map((partition) => smoothed(partition)));
    expect(await records(`${topic}-out`)).toEqual(expected);
  });

  it('tells Prometheus and probes what it is at, and gives the state of a partition', async () => {
    const topic = await topicOf('watched', readings(0, 3000));
    const one = worker(topic);
    const url = await urlOf(one);
    const text = async (path: string) => (await fetch(url + path)).text();
    await one.hears(running);
    await done(topic);
    await expect.poll(() => text('/metrics')).toMatch(/^rx_ema_messages_total 3000$/m);
    const metrics = await text('/metrics');
    expect(metrics).toMatch(/^rx_ema_partitions\{status="running"\} 3$/m);
    expect(metrics).toMatch(/^rx_ema_commit_seconds 0\.\d+$/m);
    const keys = [...metrics.matchAll(/^rx_ema_keys\{partition="\d"\} (\d+)$/gm)].map(([, count]) => Number(count));
    expect(keys.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect([await text('/healthz'), await text('/readyz')]).toEqual(['ok\n', 'ready\n']);

    const state = fromBytes(new Uint8Array(await (await fetch(`${url}/state/1`)).arrayBuffer()));
    const [input, output] = [(await records(topic))[1]!, (await records(`${topic}-out`))[1]!];
    const ema = new Ema<Reading>({ ...EMA, by: ({ sensor }) => sensor }, state);
    const next = { ...input[0]!, at: 1_700_000_100_000 };
    expect(ema.update(next)).toEqual((await smoothed([...input, next])).at(-1));
    expect(output).toHaveLength(input.length);
    expect(await text('/state/3')).toBe('partition 3 is not restored by this worker, which has 0-2\n');
  });

  it('shares partitions with a worker in another slot', async () => {
    const topic = await topicOf('shared', readings(0, 300));
    const first = worker(topic, ['--slot', 'a']);
    await first.hears(running);
    const second = worker(topic, ['--slot', 'b']);
    await second.hears(/running with partition \d\n/);
    await first.hears(/running with partitions \d(-|, )\d\n/);
    second.kill('SIGTERM');
    expect((await second.end).code).toBe(0);
  });

  it('ends with 1 and a line when another worker takes its slot, which goes on', async () => {
    const topic = await topicOf('slot', readings(0, 300));
    const first = worker(topic, ['--slot', 'x']);
    await first.hears(running);
    const second = worker(topic, ['--slot', 'x']);
    const { code, stderr } = await first.end;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\nrx-ema: another worker has taken slot 'x'.*\n$/)]);
    await second.hears(running);
    second.kill('SIGTERM');
    expect((await second.end).code).toBe(0);
  });

  it.each<[string, readonly string[], number, RegExp]>([
    ['no such topic', ['--in', 'nowhere'], 1, /the topic 'nowhere' must exist/],
    ['a setting that there is not', ['--config', 'no.such=1'], 2, /No such configuration property: "no\.such"/],
    ['the topic it reads', ['--out', 'faults'], 2, /--out must be another topic than the input, got 'faults'/],
    [
      'a commit every minute',
      ['--commit-ms', '60000'],
      2,
      /--commit-ms must be a whole number in \[1, 10000\], got 60000/,
    ],
  ])('ends with a line and its exit code for %s', async (_, args, exit, message) => {
    const { code, stderr } = await worker('faults', args).end;
    expect([code, stderr.trimEnd().split('\n').at(-1)]).toEqual([exit, expect.stringMatching(message)]);
  });

  it('ends with 1 and a line for a wrong codec', async () => {
    const topic = await topicOf('doubles', []);
    await topics.produce(
      topic,
      Array.from({ length: 200 }, () => ({ key: 'a', value: Buffer.alloc(8) })),
    );
    const { code, stderr } = await worker(topic, ['--max-dead-in-a-row', '50']).end;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/50/)]);
  });

  it('ends with 1 and a line if the changelog is of other options', async () => {
    const topic = await topicOf('options', readings(0, 300));
    const first = worker(topic);
    await done(topic);
    first.kill('SIGTERM');
    await first.end;
    const { code, stderr } = await worker(topic, ['--half-life-ms', '1000']).end;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/halfLifeMs: 2000 where .*: other options need another --group\n$/),
    ]);
  });

  it('smooths doubles and their statistics', async () => {
    await topics.create('bare', 1);
    await topics.create('bare-out', 1);
    await topics.produce(
      'bare',
      [1, 5].map((x) => ({ key: 'a', value: bytes(x) })),
    );
    const places = ['--brokers', cluster.bootstrap, '--in', 'bare', '--out', 'bare-out', '--no-metrics'];
    const what = ['--codec', 'float64', '--alpha', '0.5', '--stat', 'var'];
    const [node, ...words] = program.line(['worker', ...places, ...what]);
    const one = heard(spawn(node!, words));
    await topics.reached('rx-ema-bare-out', 'bare', [2]);
    const [out] = await topics.read('bare-out');
    expect(out!.map(({ value }) => value!.readDoubleLE())).toEqual([NaN, 8]);
    one.kill('SIGTERM');
    expect((await one.end).stderr).not.toContain('metrics at');
  });

  it('waits for brokers that are away, says so once, is not ready, and ends within 5 s of a signal', async () => {
    const one = worker('away', ['--brokers', '127.0.0.1:1', '--config', 'reconnect.backoff.max.ms=100']);
    const url = await urlOf(one);
    await one.hears(/waiting: the brokers at 127\.0\.0\.1:1 must answer/);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringMatching(/^waiting: the brokers at/)]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const troubles = one
      .said()
      .split('\n')
      .filter((line) => line.includes('waiting'));
    expect(new Set(troubles).size).toBe(troubles.length);
    one.kill('SIGTERM');
    const begin = performance.now();
    expect((await one.end).code).toBe(0);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  it('goes on when its broker comes back', async () => {
    const own = await startCluster();
    onTestFinished(() => own.stop());
    const inOwn = topicsOf(client, own.bootstrap);
    for (const topic of ['in', 'in-out']) await inOwn.create(topic, PARTITIONS);
    await inOwn.produce('in', sent(readings(0, 300)));
    const one = worker('in', ['--brokers', own.bootstrap]);
    await one.hears(running);
    await own.brokers[0]!.kill();
    await one.hears(/waiting: /);
    await own.brokers[0]!.start();
    await inOwn.produce('in', sent(readings(300, 600)));
    const counts = (await inOwn.read('in')).map(({ length }) => length);
    await inOwn.reached('rx-ema-in-out', 'in', counts);
    one.kill('SIGTERM');
    expect((await one.end).code).toBe(0);
    expect((await inOwn.read('in-out')).map(({ length }) => length)).toEqual(counts);
  });

  const SASL = ['--config', 'security.protocol=SASL_PLAINTEXT', '--config', 'sasl.mechanism=PLAIN'];

  it('says who it is with a password from the environment or a file, and shows it nowhere', async () => {
    const topic = await topicOf('guarded', readings(0, 300));
    const administration = administrationOf(cluster);
    await administration.allow('ada', 'All', 'topic', '*');
    await administration.allow('ada', 'All', 'group', '*');
    await administration.allow('ada', 'All', 'transactional-id', '*');
    const file = join(emptyFolder(), 'kafka.json');
    writeFileSync(file, JSON.stringify({ 'bootstrap.servers': cluster.sasl, 'sasl.username': 'ada' }));
    const byFile = ['--brokers', cluster.sasl, ...SASL, '--config-file', file];
    const one = worker(topic, byFile, { RX_EMA_KAFKA_SASL_PASSWORD: PASSWORD });
    const url = await urlOf(one);
    await one.hears(running);
    await done(topic);
    for (const path of ['/metrics', '/readyz']) expect(await (await fetch(url + path)).text()).toSatisfy(isClean);
    one.kill('SIGTERM');
    const { code, stdout, stderr } = await one.end;
    expect([code, isClean(stdout + stderr)]).toEqual([0, true]);
  });

  it('ends with 1 and a line for a wrong password, which it does not show', async () => {
    const env = { RX_EMA_KAFKA_SASL_PASSWORD: 'other & 1', RX_EMA_KAFKA_SASL_USERNAME: 'ada' };
    const { code, stdout, stderr } = await worker('guarded', ['--brokers', cluster.sasl, ...SASL], env).end;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\nrx-ema: .*(allow|[Aa]uthentication).*\n$/)]);
    expect(stdout + stderr).toSatisfy(isClean);
  });

  it('ends with 1 and a line for one who has no rights', async () => {
    const env = { RX_EMA_KAFKA_SASL_PASSWORD: 'x', RX_EMA_KAFKA_SASL_USERNAME: 'eve' };
    const { code, stderr } = await worker('guarded', ['--brokers', cluster.sasl, ...SASL], env).end;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/\nrx-ema: .*(must exist and be allowed|allow).*\n$/)]);
  });
});
