import { describe, expect, it } from 'vitest';
import { noCounts, Session, type Counts } from '../../../src/apps/scale/session.js';
import { refusalFrom } from '../../refusal.js';
import { FakeKafka, type FakeKafkaOptions } from './support/fakeKafka.js';
import type { Fate } from './support/fakePort.js';
import { planOf, type Given } from './support/fakeWorker.js';
import { changelogRows } from '../../support/changelogRows.js';
import { virtualTime, type VirtualTime } from './support/virtualTime.js';

interface Scene {
  readonly time: VirtualTime;
  readonly kafka: FakeKafka;
  readonly session: Session<unknown>;
  readonly counts: Counts;
  readonly calls: readonly string[];
  readonly stop: AbortController;
  /** Its end. */
  readonly ended: Promise<void>;
  readonly send: (value: object | string | null, key?: string | null, timestamp?: number, partition?: number) => void;
  /** Values that have been committed to a topic. */
  readonly values: (topic: string, partition?: number) => (string | null)[];
}

/** A session that has the one partition, unless told otherwise. */
async function scene(given: Partial<Given> = {}, options: Partial<FakeKafkaOptions> = {}, fate?: Fate): Promise<Scene> {
  const time = virtualTime();
  const kafka = new FakeKafka({ partitions: 1, ...options });
  const counts = noCounts();
  const port = kafka.port('0', fate);
  const plan = planOf({ ema: { alpha: 0.5, start: 'first' }, commitMs: 100, ...given });
  const session = new Session(port, plan, counts, () => {});
  const stop = new AbortController();
  const ended = session.run(stop.signal);
  ended.catch(() => {}); // looked at by whoever wants to
  for (let partition = 0; partition < kafka.input.length; partition++) kafka.move(partition, '0');
  await time.pass(1);
  return {
    time,
    kafka,
    session,
    counts,
    calls: port.calls,
    stop,
    ended,
    send(value, key = 'k', timestamp = 0, partition = 0) {
      const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
      kafka.send(partition, { key: key === null ? null : Buffer.from(key), value: text === null ? null : Buffer.from(text), timestamp }); // prettier-ignore
    },
    values: (topic, partition = 0) => kafka.topic(topic, partition).map(({ value }) => value && Buffer.from(value).toString()), // prettier-ignore
  };
}

const commitsFail: Fate = (call) => (call === 'commit' ? { what: 'transaction', when: 'before' } : null);
const restoringFails: Fate = (call) => (call === 'restore' ? { ms: 500, what: 'session', when: 'after' } : null);
const restoringTakes =
  (ms: number): Fate =>
  (call) =>
    call === 'restore' ? { ms } : null;

describe('a transaction', () => {
  it('is committed commitMs after its first message has come, and none is while nothing comes', async () => {
    const { time, send, values, counts } = await scene();
    await time.pass(1000);
    expect(counts.commits).toBe(0);
    send({ x: 1 });
    await time.pass(60);
    send({ x: 3 });
    await time.pass(80);
    expect(values('output')).toEqual([]);
    await time.pass(70);
    expect(values('output')).toEqual(['{"x":1}', '{"x":2}']);
    expect(counts).toMatchObject({ messages: 2, commits: 1, deadLetters: 0 });
  });

  it('has outputs, rows and position of all partitions, or none of them', async () => {
    const { time, kafka, send } = await scene({}, { partitions: 2 });
    send({ x: 1 }, 'a', 0, 0);
    send({ x: 1 }, 'b', 0, 1);
    await time.pass(200);
    expect(kafka.committed).toEqual([1, 1]);
    expect([0, 1].map((one) => kafka.topic('changelog', one).map(({ key }) => String(key)))).toEqual([
      ['head', 'rows-1'],
      ['head', 'rows-1'],
    ]);
    expect([0, 1].map((one) => changelogRows(kafka.topic('changelog', one) as never).map(({ key }) => key))).toEqual([
      ['a'],
      ['b'],
    ]);
  });

  it('is committed at once where it is told to stop, and before partitions are let go', async () => {
    const one = await scene();
    one.send({ x: 1 });
    await one.time.pass(60);
    one.stop.abort();
    await one.time.settling(one.ended, 200);
    expect(one.values('output')).toEqual(['{"x":1}']);
    const other = await scene();
    other.send({ x: 1 });
    await other.time.pass(60);
    other.kafka.move(0, '1');
    await other.time.until(() => other.kafka.owners[0] !== '0');
    expect([other.values('output'), other.session.partitions()]).toEqual([['{"x":1}'], []]);
  });

  it('is thrown away where it fails, and what was in memory with it', async () => {
    let fails = 2;
    const fate: Fate = (call) => (call === 'commit' && fails-- > 0 ? { what: 'transaction', when: 'before' } : null);
    const { time, send, values, counts, calls } = await scene({}, {}, fate);
    send({ x: 1 });
    await time.pass(150);
    send({ x: 3 });
    await time.pass(1000);
    expect(values('output')).toEqual(['{"x":1}', '{"x":2}']);
    expect(counts).toMatchObject({ messages: 2, commits: 1, aborts: 2 });
    expect(calls.filter((call) => call === 'restore')).toHaveLength(3);
  });

  it('that fails again and again ends the session, so that there are pauses', async () => {
    const { time, send, counts, ended } = await scene({}, {}, commitsFail);
    send({ x: 1 });
    const end = await time.settling(ended.catch((error: unknown) => error), 2000); // prettier-ignore
    expect(end).toMatchObject({ name: 'Setback', what: 'session', message: 'at commit' });
    expect(counts).toMatchObject({ aborts: 4, commits: 0 });
  });
});

describe('a message that can’t be smoothed', () => {
  it('goes to the dead letters, and the others go on', async () => {
    const { time, send, values, counts, kafka } = await scene();
    for (const value of [{ x: 1 }, '{', { x: 3 }, { x: 'no' }, { x: 4 }]) send(value);
    await time.pass(200);
    expect(values('output')).toEqual(['{"x":1}', '{"x":2}', '{"x":3}']);
    expect(values('dead')).toEqual(['{', '{"x":"no"}']);
    expect(kafka.topic('dead', 0)[1]!.headers![0]).toEqual({ 'rx-ema.reason': "field 'x' must be a number, got 'no'" });
    expect(counts).toMatchObject({ messages: 5, deadLetters: 2 });
  });

  it('ends all if there are maxDeadInARow of them: the codec is wrong', async () => {
    const { time, send, ended, kafka } = await scene({ maxDeadInARow: 3 });
    for (const value of ['{', '{', { x: 1 }, '{', '{', '{']) send(value);
    await time.pass(200);
    expect(await refusalFrom(ended)).toEqual({
      code: 'CODEC_MISMATCH',
      message:
        "the codec must be that of 'input', got 3 messages in a row that can't be smoothed; at partition 0, offset 5: " +
        'the value of a message must be a record in JSON, got the end of the line at character 2',
    });
    expect(kafka.committed).toEqual([null]);
  });

  it('counts once towards them however often its transaction is tried', async () => {
    let fails = 2;
    const fate: Fate = (call) => (call === 'commit' && fails-- > 0 ? { what: 'transaction', when: 'before' } : null);
    const { time, send, counts } = await scene({ maxDeadInARow: 3 }, {}, fate);
    send('{');
    send('{');
    await time.pass(2000);
    expect(counts).toMatchObject({ aborts: 2, commits: 1, deadLetters: 2 });
    send('{');
    await time.pass(200);
    expect(counts.commits).toBe(1);
  });

  it('says nothing about the codec if it is late, or of one key too many', async () => {
    const { time, send, counts } = await scene({ maxDeadInARow: 2, ema: { halfLifeMs: 10, maxKeys: 1 } });
    for (const [key, stamp] of [['a', 50], ['a', 40], ['a', 40], ['b', 60], ['b', 60], ['a', 70]] as const) send({ x: 1 }, key, stamp); // prettier-ignore
    await time.pass(200);
    expect(counts).toMatchObject({ messages: 6, deadLetters: 4 });
  });

  it('says nothing about the codec if what came of it is too large, and has moved nothing', async () => {
    const { time, send, values, counts } = await scene({ maxDeadInARow: 2 }, { most: { output: { bytes: 40, noticed: 'late' } } }); // prettier-ignore
    const pad = 'p'.repeat(40);
    for (const value of [{ x: 1 }, { x: 9, pad }, { x: 9, pad }, { x: 9, pad }, { x: 3 }]) send(value);
    await time.pass(2000);
    expect(values('output')).toEqual(['{"x":1}', '{"x":2}']);
    expect(counts).toMatchObject({ messages: 5, deadLetters: 3 });
  });

  it('is a letter without its value where the letter is too large', async () => {
    const { time, send, kafka } = await scene({}, { most: { dead: { bytes: 40, noticed: 'late' } } });
    send('{'.repeat(50));
    await time.pass(2000);
    const [letter] = kafka.topic('dead', 0);
    expect(letter).toMatchObject({ key: Buffer.from('k'), value: null });
    expect(Object.values(letter!.headers![0]!)[0]).toContain(
      '(its 50 bytes and its headers are left out, for their size)',
    );
  });

  it('ends all where not even that can be written', async () => {
    const { time, send, ended } = await scene({}, { most: { dead: { bytes: -1, noticed: 'at once' } } });
    send('{');
    await time.pass(200);
    const message = "'dead' must take messages of any size, got 1 bytes that it does not";
    expect(await refusalFrom(ended)).toEqual({ code: 'MESSAGE_TOO_LARGE', message });
  });
});

describe('a bundle of the changelog', () => {
  it('that its topic does not take ends all', async () => {
    const { time, send, ended } = await scene({}, { most: { changelog: { bytes: 16, noticed: 'at once' } } });
    send({ x: 1 });
    await time.pass(200);
    expect((await refusalFrom(ended)).code).toBe('MESSAGE_TOO_LARGE');
  });

  it('that is damaged ends all, before anything is written', async () => {
    const time = virtualTime();
    const kafka = new FakeKafka({ partitions: 1 });
    kafka.commit([{ topic: 'changelog', partition: 0, key: Buffer.from('rows-1'), value: Buffer.alloc(7) }], new Map());
    const counts = noCounts();
    const session = new Session(kafka.port('0'), planOf({ ema: { decay: 0.5 } }), counts, () => {});
    const ended = session.run(new AbortController().signal);
    ended.catch(() => {});
    kafka.move(0, '0');
    await time.pass(200);
    expect((await refusalFrom(ended)).code).toBe('SNAPSHOT_CORRUPT');
  });
});

describe('what retention removed before it was read', () => {
  it('is counted once, when the position has moved past it', async () => {
    let fails = 1;
    const fate: Fate = (call) => (call === 'commit' && fails-- > 0 ? { what: 'transaction', when: 'before' } : null);
    const { time, kafka, send, counts } = await scene({}, { trimmed: { committed: 2, oldest: 5 } }, fate);
    await time.pass(100);
    for (let i = 0; i < 7; i++) send({ x: i });
    expect(counts.trimmed).toBe(0);
    await time.pass(500);
    expect([counts.trimmed, counts.messages, kafka.committed]).toEqual([3, 2, [7]]);
    send({ x: 1 });
    await time.pass(500);
    expect([counts.trimmed, counts.messages]).toEqual([3, 3]);
  });

  it('is counted where a worker lags behind, and other gaps are not', async () => {
    const { time, kafka, counts } = await scene();
    const send = (offset: number): void => kafka.send(0, { offset, value: Buffer.from('{"x":1}') });
    [0, 1, 4].forEach(send);
    await time.pass(500);
    expect([counts.trimmed, counts.messages]).toEqual([0, 3]);
    kafka.oldest[0] = 9;
    send(11); // 9 and 10 are marks of transactions
    await time.pass(500);
    expect([counts.trimmed, counts.messages]).toEqual([4, 4]);
    kafka.oldest[0] = 20; // what is gone by now may have been marks: so many messages, at most
    send(14);
    await time.pass(500);
    expect([counts.trimmed, counts.messages]).toEqual([6, 5]);
  });

  it('is nothing where a group begins', async () => {
    const { time, kafka, send, counts } = await scene({}, { trimmed: { committed: null, oldest: 1 } });
    for (let i = 0; i < 2; i++) send({ x: i });
    await time.pass(500);
    expect([counts.trimmed, counts.messages, kafka.committed]).toEqual([0, 1, [2]]);
  });
});

describe('a session', () => {
  it('says where it is with each partition, in their order', async () => {
    const { time, send, session, kafka } = await scene({}, { partitions: 3 }, restoringTakes(500));
    kafka.move(1, 'other');
    await time.pass(60);
    expect(session.isJoined).toBe(true);
    const restoring = { status: 'restoring', restored: 0, toRestore: 0, position: null, lag: null, keys: 0 };
    expect(session.partitions()).toEqual([0, 2].map((partition) => ({ ...restoring, partition })));
    for (const key of ['a', 'b', 'a']) send({ x: 1 }, key, 0, 2);
    await time.pass(700);
    const running = { status: 'running', restored: 0, toRestore: 0, position: 0, lag: 0, keys: 0 };
    expect(session.partitions()).toEqual([
      { ...running, partition: 0 },
      { ...running, partition: 2, position: 3, keys: 2 },
    ]);
    expect([session.snapshot(2)?.scalars['kind'], session.snapshot(1)]).toEqual(['record', null]);
  });

  it('does not wait for a restore when it is told to stop', async () => {
    const { time, stop, ended, calls } = await scene({}, {}, restoringTakes(60_000));
    await time.pass(100);
    stop.abort();
    await time.settling(ended, 200);
    expect(calls.at(-1)).toBe('close');
  });

  it('is not ended by the restore of a partition that is another’s meanwhile', async () => {
    const { time, kafka, session, ended } = await scene({}, {}, restoringFails);
    await time.pass(100);
    kafka.move(0, 'other');
    await time.pass(1000);
    expect(session.partitions()).toEqual([]);
    expect(await Promise.race([ended, Promise.resolve('it goes on')])).toBe('it goes on');
  });

  it('takes no message twice that comes twice', async () => {
    const { time, kafka, send, values } = await scene();
    send({ x: 1 });
    await time.pass(200);
    kafka.input[0]!.push({ ...kafka.input[0]![0]! });
    send({ x: 3 });
    await time.pass(200);
    expect(values('output')).toEqual(['{"x":1}', '{"x":2}']);
  });
});
