import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { WorkerState } from '../../../src/apps/scale/worker.js';
import { Worker } from '../../../src/apps/scale/workerLife.js';
import { refusalFrom } from '../../refusal.js';
import { FakeKafka } from './support/fakeKafka.js';
import type { Fate } from './support/fakePort.js';
import { planOf } from './support/fakeWorker.js';
import { virtualTime, type VirtualTime } from './support/virtualTime.js';

interface Scene {
  readonly time: VirtualTime;
  readonly kafka: FakeKafka;
  readonly states: readonly WorkerState[];
  readonly stop: AbortController;
  /** ms of each attempt to connect, from the start. */
  readonly attempts: readonly number[];
  readonly ended: Promise<void>;
  readonly send: (count: number) => void;
}

function scene(fate: Fate = () => null, isStopped = false): Scene {
  const time = virtualTime();
  const kafka = new FakeKafka({ partitions: 1 });
  const states: WorkerState[] = [];
  const attempts: number[] = [];
  const stop = new AbortController();
  if (isStopped) stop.abort();
  const began = performance.now();
  const connect = (trouble: (what: string | null) => void) => {
    attempts.push(performance.now() - began);
    return kafka.port('0', fate, trouble);
  };
  const plan = planOf({ ema: { decay: 0.5 }, commitMs: 20 });
  const worker = new Worker(plan, connect, (state) => states.push(state));
  const ended = worker.run(stop.signal);
  ended.catch(() => {}); // looked at by whoever wants to
  kafka.move(0, '0');
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) kafka.send(0, { key: Buffer.from(`${i}`), value: Buffer.from('{"x":1}') });
  };
  return { time, kafka, states, stop, attempts, ended, send };
}

const fails = (times: number, call: string): Fate => {
  let left = times;
  return (one) => (one === call && left-- > 0 ? { what: 'session', when: 'before' } : null);
};

describe('a worker says', () => {
  it('what it is at: on each change', async () => {
    const { time, states, stop, ended, send } = scene((call) => ({ ms: call === 'restore' ? 400 : 2 }));
    await time.pass(500);
    send(2);
    await time.pass(200);
    stop.abort();
    await time.settling(ended);
    const statuses = states.map(({ status }) => status);
    expect(statuses.filter((status, i) => status !== statuses[i - 1])).toEqual(['starting', 'restoring', 'running', 'stopping']); // prettier-ignore
    expect(states.every(({ trouble }) => trouble === null)).toBe(true);
  });

  it('how much it does, every second', async () => {
    const { time, states, stop, ended, send } = scene();
    await time.pass(950);
    send(30);
    await time.pass(2000);
    const rates = states.filter(({ messages }) => messages === 30).map(({ rate }) => rate);
    expect(rates).toEqual([30, 0]);
    expect(states.at(-1)).toMatchObject({ messages: 30, lag: 0, commits: 1, deadLetters: 0, aborts: 0, restarts: 0 });
    expect(states.at(-1)!.commitMs).toBeTypeOf('number');
    stop.abort();
    await time.settling(ended);
  });

  it('what is kept of a partition, if it has it', async () => {
    const { time, states, stop, ended, send } = scene();
    await time.pass(100);
    send(3);
    await time.pass(1000);
    const latest = states.at(-1)!;
    expect([latest.snapshot(0)?.shadows['weight']?.length, latest.snapshot(1)]).toEqual([3, null]);
    stop.abort();
    await time.settling(ended);
    expect(latest.snapshot(0)).toBeNull();
  });
});

describe('a worker that has a setback', () => {
  it('begins anew, a little later each time, up to 10 s, and says what is wrong', async () => {
    const { time, attempts, states, stop, ended } = scene(fails(9, 'open'));
    await time.pass(40_000);
    const pauses = attempts.slice(1).map((at, i) => at - attempts[i]!);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(states.at(-1)).toMatchObject({ status: 'waiting', trouble: 'at open', restarts: 9, partitions: [] });
    await time.pass(10_000);
    expect(states.at(-1)).toMatchObject({ status: 'running', trouble: null, restarts: 9 });
    stop.abort();
    await time.settling(ended);
  });

  it('begins with the shortest pause again once something has been committed', async () => {
    let failing: string | null = 'open';
    const { time, attempts, stop, ended, send } = scene((call) => {
      return call === failing ? { what: 'session', when: 'before' } : null;
    });
    await time.pass(2000); // at 0, 250, 750, 1750 ms
    failing = null;
    send(1);
    await time.pass(4000);
    failing = 'next';
    await time.pass(600);
    expect(attempts.slice(4)).toEqual([3750, expect.closeTo(6000 + 250, -2)]);
    stop.abort();
    await time.settling(ended);
  });

  it('does not wait for the end of a pause when it is told to stop', async () => {
    const { time, stop, ended, attempts } = scene(fails(Infinity, 'open'));
    await time.pass(25_000);
    const count = attempts.length;
    stop.abort();
    await time.settling(ended, 10);
    expect(attempts).toHaveLength(count);
  });

  it('has lost nothing', async () => {
    const { time, kafka, states, send, stop, ended } = scene(fails(3, 'commit'));
    send(5);
    await time.pass(5000);
    expect(kafka.topic('output', 0)).toHaveLength(5);
    expect(states.at(-1)).toMatchObject({ messages: 5, commits: 1, restarts: 3 });
    stop.abort();
    await time.settling(ended);
  });
});

describe('a worker ends', () => {
  it('saying so, if its last commit does not come about', async () => {
    const { time, states, send, stop, ended } = scene((call) => (call === 'commit' ? { ms: 60_000 } : null));
    await time.pass(500);
    send(2);
    await time.pass(10);
    stop.abort();
    await time.pass(5000);
    await time.settling(ended);
    expect(states.at(-1)).toMatchObject({ status: 'stopping', trouble: expect.any(String) as string, restarts: 0 });
  });

  it('with what does not pass', async () => {
    const { time, ended, kafka } = scene();
    kafka.commit([{ topic: 'changelog', partition: 0, key: Buffer.from('k'), value: Buffer.alloc(3) }], new Map());
    await time.pass(500);
    expect((await refusalFrom(ended)).code).toBe('SNAPSHOT_CORRUPT');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('before it has begun, if it is told so', async () => {
    const { time, ended, attempts, states } = scene(undefined, true);
    await time.settling(ended, 10);
    expect([attempts, states.map(({ status }) => status)]).toEqual([[], ['stopping', 'stopping']]);
  });

  it('with no timer or listener left', async () => {
    const { time, stop, ended, send } = scene(fails(2, 'commit'));
    send(1);
    await time.pass(3000);
    expect(getEventListeners(stop.signal, 'abort')).not.toEqual([]);
    stop.abort();
    await time.settling(ended);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
