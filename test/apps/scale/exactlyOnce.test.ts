import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonRecords } from '../../../src/apps/scale/codecs/jsonRecords.js';
import type { Codec } from '../../../src/apps/scale/codec.js';
import type { Outgoing } from '../../../src/apps/scale/port.js';
import { holdsInTime } from '../../holds.js';
import { FakeKafka } from './support/fakeKafka.js';
import type { Fate, Fault } from './support/fakePort.js';
import { planOf, startWorker } from './support/fakeWorker.js';
import { uninterrupted, type Outcome } from './support/uninterrupted.js';
import { virtualTime, type VirtualTime } from './support/virtualTime.js';

const PARTITIONS = 3;
const MOST = 120;
const CLOCK = { halfLifeMs: 100, columns: ['x'] };
const EMAS = [
  { decay: 0.75 },
  { decay: 0.75, ages: true, missing: 'carry', columns: ['x', 'y'] },
  { alpha: 0.25, start: { sma: 2 } },
  CLOCK,
  { ...CLOCK, time: 'at', late: 'skip', idleMs: 60 },
  { ...CLOCK, hold: 'linear', time: 'at' },
  { decay: 0.5, idleMs: 60, columns: ['x'] },
  { decay: 0.5, idleMs: 60 },
  { alpha: 0.4, statistic: { stat: 'var' }, columns: ['x'] },
  { halfLifeMs: 50, statistic: { stat: 'cov', x: 'x', y: 'y' } },
];

// ---- what happens ---------------------------------------------------------------------------------------------------

const partition = fc.nat(PARTITIONS - 1);
const x = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, min: -1, max: 1 }));
const often = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { freq: 9, nil: undefined });
const record = fc.record({
  x: often(fc.oneof({ weight: 9, arbitrary: x }, { weight: 1, arbitrary: fc.constant(null) })),
  y: fc.option(x, { freq: 1, nil: undefined }),
  at: fc.integer({ min: 0, max: 300 }),
  pad: fc.constantFrom('p'.repeat(MOST), ...Array.from({ length: 9 }, () => undefined)),
});
const value = fc.oneof(
  { weight: 12, arbitrary: record.map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.constantFrom(null, '{', '[]', '', '{"x":"no"}') },
);
const event = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      partition,
      key: fc.constantFrom('a', 'b', 'ü', '', null, 'head', 'rows-1'),
      value,
      stamp: fc.constantFrom(-1, 0, 40, 41, 100, 180),
      afterMs: fc.constantFrom(0, 0, 1, 20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('move' as const, 'lose' as const),
      partition,
      slot: fc.nat(2),
      afterMs: fc.nat(30),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('compact' as const),
      partition,
      withTombstones: fc.boolean(),
      share: fc.constantFrom(1, 1, 0.5, 0.8),
      afterMs: fc.nat(30),
    }),
  },
);
const fault = fc.record({
  /** Calls after the fault before. */
  after: fc.nat(25),
  what: fc.constantFrom<Fault['what']>('transaction', 'session', 'kill'),
  when: fc.constantFrom<Fault['when']>('before', 'after'),
});
const scenario = fc.record({
  ema: fc.constantFrom(...EMAS),
  slots: fc.integer({ min: 1, max: 3 }),
  events: fc.array(event, { maxLength: 60, size: 'max' }),
  faults: fc.array(fault, { maxLength: 12, size: 'max' }),
  ms: fc.array(fc.nat(30), { minLength: 1, maxLength: 7 }),
  chunk: fc.integer({ min: 1, max: 6 }),
  noticed: fc.constantFrom('at once' as const, 'late' as const),
  sizes: fc.record({ fullBytes: fc.constantFrom(1, 100, 16_384), spareRows: fc.constantFrom(0, 2, 2048) }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** Bytes of an output. One that is refused leaves traces where columns come to be, or keys go. */
const mostOf = ({ ema }: Scenario): number => ('columns' in ema && !('idleMs' in ema) ? MOST : Infinity);

// ---- how it goes ----------------------------------------------------------------------------------------------------

/** Runs all of it, and returns what has been committed. */
async function run(time: VirtualTime, one: Scenario): Promise<FakeKafka> {
  const { slots, events, faults, ms, chunk, noticed, ema, sizes } = one;
  const kafka = new FakeKafka({ partitions: PARTITIONS, most: { output: { bytes: mostOf(one), noticed } } });
  const plan = { ...planOf({ ema, commitMs: 20, maxDeadInARow: 1000 }), sizes };
  const left = faults.map((one) => ({ ...one }));
  let calls = 0;
  const fate: Fate = () => {
    const [next] = left;
    const takes = { ms: ms[calls++ % ms.length]!, chunk };
    if (next === undefined || next.after-- > 0) return takes;
    return { ...takes, ...left.shift() };
  };
  const workers = Array.from({ length: slots }, (_, slot) => startWorker(kafka, `${slot}`, plan, fate));
  for (let one = 0; one < PARTITIONS; one++) kafka.move(one, `${one % slots}`);
  for (const one of events) {
    if (one.afterMs > 0) await time.pass(one.afterMs);
    if (one.kind === 'send') {
      const [key, value] = [one.key, one.value].map((text) => (text === null ? null : Buffer.from(text)));
      kafka.send(one.partition, {
        key: key!,
        value: value!,
        timestamp: one.stamp,
        headers: [{ nth: `${kafka.input[one.partition]!.length}` }],
      });
    } else if (one.kind === 'compact') kafka.compact('changelog', one.partition, one);
    else kafka[one.kind](one.partition, `${one.slot % slots}`);
  }
  const isDone = (): boolean => kafka.input.every((log, i) => (kafka.committed[i] ?? 0) === log.length);
  await time.until(isDone);
  for (const worker of workers) worker.stop();
  await time.settling(Promise.all(workers.map(({ ended }) => ended)));
  return kafka;
}

/** Messages of a topic, as far as an outcome says. */
const outcomesIn = (written: readonly Outgoing[]): object[] =>
  written.map(({ key, value, timestamp, headers }) => ({
    key,
    value: value && Buffer.from(value).toString(),
    timestamp,
    headers: headers?.map((one) => ({ ...one })),
  }));

const outputOf = ({ message, value }: Outcome): object => ({
  key: message.key,
  value,
  timestamp: message.timestamp,
  headers: message.headers,
});

const letterOf = ({ message, reason }: Outcome): object => ({
  ...outputOf({ message, value: message.value && message.value.toString() }),
  headers: [
    ...message.headers!,
    { 'rx-ema.reason': reason },
    { 'rx-ema.topic': 'input' },
    { 'rx-ema.partition': `${message.partition}` },
    { 'rx-ema.offset': `${message.offset}` },
  ],
});

describe('outputs and dead letters', () => {
  it('are those of one uninterrupted run, each once, whatever happens to workers and their partitions', async () => {
    const time = virtualTime();
    await holdsInTime(
      fc.asyncProperty(scenario, async (one) => {
        const kafka = await run(time, one);
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const codec = jsonRecords() as Codec<unknown>;
          const outcomes = uninterrupted(one.ema as never, kafka.input[partition]!, codec, mostOf(one));
          const [dead, alive] = [outcomes.filter(isDead), outcomes.filter((outcome) => !isDead(outcome))];
          expect(outcomesIn(kafka.topic('output', partition))).toEqual(alive.map(outputOf));
          expect(outcomesIn(kafka.topic('dead', partition))).toEqual(dead.map(letterOf));
        }
      }),
      150,
    );
  });
});

const isDead = ({ reason }: Outcome): boolean => reason !== undefined;
