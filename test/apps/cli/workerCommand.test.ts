import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { heard, type Heard } from '../../support/heard.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import { ended, programOf, type Program } from '../../support/program.js';

const FLAGS = ['worker', '--brokers', 'host:1', '--in', 'metrics', '--out', 'smoothed', '--half-life', '50'];
const ANY_PORT = ['--metrics-port', '0'];
/** What it brings itself, as JSON. */
const ours = { client: {}, config: {}, signal: {} };
const BEGUN = 'rx-ema: smoothing metrics into smoothed, slot 0; Ctrl-C ends\n';
const SECRET = 'hunt"er\\2 & more';

describe('rx-ema worker, on a library that is a fake', () => {
  let program: Program;
  beforeAll(async () => {
    program = await programOf('test/apps/cli/worker/program.ts');
  });
  afterAll(() => program.remove());

  function started(scenario: string, args: readonly string[] = ANY_PORT, env: NodeJS.ProcessEnv = {}): Heard {
    const [node, ...flags] = program.line([...FLAGS, ...args]);
    return heard(spawn(node!, flags, { env: { ...process.env, SCENARIO: scenario, ...env } }));
  }

  const running = /running with partitions 0-1\n/;

  it('gives the library what was said, with the bias corrected and the defaults left to it', async () => {
    const { end } = started('shows', ['--no-metrics', '--columns', 'celsius, volt']);
    expect(JSON.parse((await end).stdout)).toEqual({
      brokers: 'host:1',
      input: 'metrics',
      output: 'smoothed',
      ema: { halfLife: 50, columns: ['celsius', 'volt'] },
      biasCorrected: true,
      ...ours,
    });
    const places = ['--slot', 'a', '--group', 'g', '--changelog', 'c', '--dead-letters', 'd'];
    const amounts = ['--commit-ms', '50', '--session-ms', '6000', '--max-dead-in-a-row', '7', '--raw'];
    const more = started('shows', ['--no-metrics', ...places, ...amounts]);
    expect(JSON.parse((await more.end).stdout)).toMatchObject({
      slot: 'a',
      group: 'g',
      changelog: 'c',
      deadLetters: 'd',
      commitMs: 50,
      sessionMs: 6000,
      maxDeadInARow: 7,
      biasCorrected: false,
    });
  });

  it('gives it a statistic, which has no bias', async () => {
    const { end } = started('shows', ['--no-metrics', '--stat', 'var', '--bias', '--no-adjust']);
    expect(JSON.parse((await end).stdout)).toEqual({
      brokers: 'host:1',
      input: 'metrics',
      output: 'smoothed',
      ema: { halfLife: 50, adjust: false, statistic: { stat: 'var', bias: true } },
      ...ours,
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'at %s stops the worker, says what it did, and ends with 0',
    async (signal) => {
      const { hears, kill, end } = started('runs', ANY_PORT, { STOP_MS: '300' });
      await hears(running);
      kill(signal);
      const { code, stdout, stderr } = await end;
      expect([code, stdout]).toEqual([0, '']);
      expect(stderr.replace(/:\d+\/metrics/, '/metrics')).toBe(
        `${BEGUN}rx-ema: metrics at http://127.0.0.1/metrics\nrx-ema: running with partitions 0-1\n` +
          `rx-ema: ${signal}: commits and leaves\nrx-ema: stopped: 11 messages\n`,
      );
    },
  );

  it('at a second signal ends at once with 1, and says what is not committed', async () => {
    const { hears, kill, end } = started('runs', ANY_PORT, { STOP_MS: '60000' });
    await hears(running);
    kill('SIGTERM');
    await hears(/SIGTERM: commits and leaves\n/);
    kill('SIGTERM'); // the same one again, as npm has it
    await sleep(700);
    kill('SIGINT');
    const { code, stderr } = await end;
    expect([code, stderr.split('\n').at(-2)]).toEqual([
      1,
      expect.stringMatching(
        /^rx-ema: ended by a second signal \(SIGINT\), before it had left the group: what it has smoothed of 0-1 in the last \d\.\d s is not committed, and is read again by who gets them$/,
      ),
    ]);
  });

  it('5 s after a signal ends with 1, and says what is not committed', async () => {
    const { hears, kill, end } = started('starts', ['--no-metrics']);
    await hears(/starting\n/);
    kill('SIGTERM');
    const begin = performance.now();
    const { code, stderr } = await end;
    expect(performance.now() - begin).toBeGreaterThan(4900);
    expect([code, stderr]).toEqual([
      1,
      `${BEGUN}rx-ema: starting\nrx-ema: SIGTERM: commits and leaves\n` +
        'rx-ema: ended by a SIGTERM 5 s ago, before it had left the group; it had no partitions\n',
    ]);
  });

  it('is watched over by HTTP while it works', async () => {
    const { hears, kill, end } = started('runs');
    const url = await hears(/metrics at (http.*)\/metrics/);
    await hears(running);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^rx_ema_messages_total 10$/m);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/state/0`)).status).toBe(404);
    kill('SIGTERM');
    expect((await end).code).toBe(0);
  });

  it('is not ready while it restores', async () => {
    const { hears } = started('restores');
    const url = await hears(/metrics at (http.*)\/metrics/);
    await hears(/restoring partition 0\n/);
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'restoring partition 0\n']);
  });

  it('says that another worker has its slot, and ends with 1', async () => {
    const { code, stderr } = await started('fails SLOT_TAKEN', ['--no-metrics', '--slot', 'pod-3']).end;
    expect([code, stderr.split('\n').at(-2)]).toEqual([
      1,
      "rx-ema: another worker has taken slot 'pod-3', and goes on in place of this one: each must have a --slot of its own",
    ]);
  });

  it('says what to do about a state of other options', async () => {
    const { code, stderr } = await started('fails SNAPSHOT_OPTIONS', ['--no-metrics']).end;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/got none: other options need another --group\n$/)]);
  });

  it('ends though the client holds on', async () => {
    const { hears, kill, end } = started('holds', ['--no-metrics']);
    await hears(running);
    kill('SIGTERM');
    expect(await end).toMatchObject({ code: 0, stderr: expect.stringMatching(/stopped: 11 messages\n$/) as string });
  });

  it('ends with 2 for a setting that librdkafka does not have', async () => {
    const { code, stderr } = await started('unset', ['--no-metrics']).end;
    const got = 'got one that it does not: No such configuration property: "x"';
    const must = `--config must be settings that the client takes, ${got}`;
    expect([code, stderr]).toEqual([2, `${BEGUN}rx-ema: ${must}\n`]);
  });

  it('says once what the worker failed with, and ends with 1', async () => {
    const { code, stderr } = await started('fails TOPIC_MISSING', ['--no-metrics']).end;
    const failed = 'rx-ema: input must be a topic, got none\n';
    expect([code, stderr]).toEqual([1, `${BEGUN}rx-ema: running with partitions 0-1\n${failed}`]);
  });

  it('ends with 0 if the worker does', async () => {
    const { code, stderr } = await started('ends', ['--no-metrics']).end;
    expect([code, stderr]).toEqual([0, BEGUN]);
  });

  it('ends with 2 for what the library refuses, in words of the flags', async () => {
    const { code, stderr } = await started('refuses', ['--no-metrics']).end;
    expect([code, stderr]).toEqual([2, `${BEGUN}rx-ema: --commit-ms must be >= 1 ms, got 0\n`]);
  });

  it.each<[string, readonly string[], string | RegExp]>([
    ['no topic', ['--brokers', 'a:1', '--out', 'b'], "required option '--in <topic>' not specified"],
    [
      'no cluster',
      ['--in', 'a', '--out', 'b', '--alpha', '1'],
      '--brokers must say where the cluster is, as host:port, got none',
    ],
    [
      'no way to forget',
      ['--brokers', 'a:1', '--in', 'a', '--out', 'b'],
      /^there must be one of --half-life.*got none$/,
    ],
    [
      'another port',
      [...FLAGS.slice(1), '--metrics-port', 'x'],
      "--metrics-port must be an integer from 0 to 65535, got 'x'",
    ],
    [
      'another codec',
      [...FLAGS.slice(1), '--codec', 'avro'],
      /argument 'avro' is invalid\. Allowed choices are json, float64, arrow/,
    ],
    [
      'a secret',
      [...FLAGS.slice(1), '--config', 'a=b', '--config', 'sasl.password=hunter2'],
      /^--config must hold no secret, .* got sasl\.password: say it in RX_EMA_KAFKA_SASL_PASSWORD or a --config-file$/,
    ],
    ['a secret in another place', [...FLAGS.slice(1), '--sasl.password=hunter2'], /^unknown option '--sasl\.password'/],
  ])('ends with 2 for %s, and one line', async (_, args, message) => {
    const { code, stdout, stderr } = await program.run(['worker', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    const [line, ...rest] = stderr.replace(/^rx-ema: /, '').split('\n');
    expect(rest).toEqual(['']);
    if (typeof message === 'string') expect(line).toBe(message);
    else expect(line).toMatch(message);
  });

  it('ends with 1 and a line if the port for metrics is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await started('runs', ['--metrics-port', `${port}`]).end;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^rx-ema: --metrics-port must be free on 127.0.0.1, got ${port}: .*\\n$`)),
    ]);
  });

  describe('keeps secrets', () => {
    const env = { RX_EMA_KAFKA_SASL_PASSWORD: SECRET, RX_EMA_KAFKA_SASL_USERNAME: 'fleet' };
    const traces = [SECRET, JSON.stringify(SECRET).slice(1, -1), 'hunt', '& more'];
    const isClean = (text: string) => traces.every((trace) => !text.includes(trace));

    it('out of what is said and served of trouble', async () => {
      const { hears, kill, end } = started('quotes', ANY_PORT, env);
      const url = await hears(/metrics at (http.*)\/metrics/);
      await hears(/waiting: no rights/);
      for (const path of ['readyz', 'healthz', 'metrics', 'state/0', 'x']) {
        expect(await (await fetch(`${url}/${path}`)).text()).toSatisfy(isClean);
      }
      expect(await (await fetch(`${url}/readyz`)).text()).toBe(
        'waiting: no rights with {"sasl.password":"***","sasl.username":"fleet"}\n',
      );
      kill('SIGINT');
      const { stdout, stderr } = await end;
      expect(stdout + stderr).toSatisfy(isClean);
    });

    it.each(['quotesAndFails', 'quotesAndCrashes'])('out of errors: %s', async (scenario) => {
      const file = join(emptyFolder(), 'kafka.json');
      const key = '-----BEGIN PRIVATE KEY-----\nhuntMII\n-----END PRIVATE KEY-----\n';
      writeFileSync(file, JSON.stringify({ 'ssl.key.pem': key, 'sasl.oauthbearer.client.secret': SECRET }));
      const { code, stdout, stderr } = await started(scenario, ['--no-metrics', '--config-file', file], env).end;
      expect(code).toBe(1);
      expect(stderr).toContain('broken with {"ssl.key.pem":"***"');
      expect(stdout + stderr).toSatisfy(isClean);
    });
  });

  it('in a terminal has one line that is written anew, and leaves none of it', async () => {
    const words = program.line([...FLAGS, '--no-metrics']).map((word) => `'${word}'`);
    const child = spawn('script', ['-qec', `SCENARIO=passes ${words.join(' ')}`, '/dev/null']);
    const { code, stdout } = await ended(child);
    expect(code).toBe(0);
    expect(stdout).toContain('\r\u001b[Krunning with partitions 0-1 | 1,234 messages/s, lag 0, 4 keys');
    expect(stdout.endsWith('\r\u001b[Krx-ema: stopped: 10 messages\r\n')).toBe(true);
    expect(stdout.split('\r\n').length).toBe(3); // what it smooths, what it did, and nothing
  });
});

describeWith(registry, 'rx-ema worker, installed without a client for Kafka', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  it('says which package to install, and ends with 1', async () => {
    const { code, stdout, stderr } = await rxEma.run([...FLAGS, ...ANY_PORT], emptyFolder());
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'rx-ema: rx-ema worker must find node-rdkafka or @confluentinc/kafka-javascript beside rx-ema, got neither: ' +
        'npm install node-rdkafka\n',
    ]);
  });

  it('has examples in its help', async () => {
    const { code, stdout } = await rxEma.run(['worker', '--help'], emptyFolder());
    expect([code, stdout]).toEqual([0, expect.stringContaining('\n  rx-ema worker --brokers localhost:9092 ')]);
  });
});
