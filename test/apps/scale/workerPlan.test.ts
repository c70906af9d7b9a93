import { KeyedRows } from '../../../src/apps/scale/keyedRows.js';
import { describe, expect, it } from 'vitest';
import { workerPlan } from '../../../src/apps/scale/workerPlan.js';
import { refusal } from '../../refusal.js';
import { noClient } from './support/fakeWorker.js';

const LEAST = { client: noClient, brokers: 'b:9092', input: 'in', output: 'out', ema: { decay: 0.5 } };
const planOf = (options: object) => workerPlan({ ...LEAST, ...options });
const engineOf = (ema: object, stamp = 0) => planOf({ ema }).session.makeEngine({ key: 'k', stamp });

describe('a worker’s plan', () => {
  it('has a name and a number for everything that is left out', () => {
    const { session, connections } = planOf({});
    const topics = { input: 'in', output: 'out', changelog: 'rx-ema-out-changelog', deadLetters: 'out-dead-letters' };
    expect(session).toMatchObject({ ...topics, readout: 'raw', commitMs: 200, maxDeadInARow: 100 });
    expect(connections).toEqual({
      ...topics,
      client: noClient,
      brokers: 'b:9092',
      group: 'rx-ema-out',
      slot: '0',
      sessionMs: 10_000,
      config: {},
    });
  });

  it('has what is given', () => {
    const codec = { decode: () => 1, encode: () => Buffer.alloc(0) };
    const config = { 'security.protocol': 'ssl' };
    const names = { group: 'g', changelog: 'states', deadLetters: 'dead' };
    const numbers = { commitMs: 1, maxDeadInARow: 3, sessionMs: 6000 };
    const { session, connections } = planOf({ ...names, ...numbers, codec, config, slot: 7, biasCorrected: true });
    expect(session).toMatchObject({ changelog: 'states', deadLetters: 'dead', codec, readout: 'corrected', commitMs: 1, maxDeadInARow: 3 }); // prettier-ignore
    expect(connections).toMatchObject({ ...names, slot: '7', sessionMs: 6000, config });
  });

  it('lets a message wait for half of the time that a transaction has, at most for 10 s', () => {
    expect(planOf({ commitMs: 7500 }).session.commitMs).toBe(7500);
    const config = { 'transaction.timeout.ms': 20_000 };
    expect(planOf({ commitMs: 10_000, config }).session.commitMs).toBe(10_000);
  });

  it('takes its changelog’s name from the group', () => {
    expect(planOf({ group: 'g' }).session.changelog).toBe('g-changelog');
  });

  it.each<[object, string, string]>([
    [{ inputs: 'x' }, 'OPTION_UNKNOWN', "options must be among client, brokers, input, output, ema, biasCorrected, codec, slot, group, changelog, deadLetters, maxDeadInARow, commitMs, sessionMs, config, signal, got 'inputs': did you mean 'input'?"], // prettier-ignore
    [{ client: undefined }, 'OPTION_VALUE', 'client must be the module node-rdkafka or one like it, got undefined'],
    [{ client: { Kafka: 1 } }, 'OPTION_VALUE', 'client must be the module node-rdkafka or one like it, got { Kafka }'],
    [{ brokers: undefined }, 'OPTION_VALUE', 'brokers must be a name, got undefined'],
    [{ brokers: '' }, 'OPTION_VALUE', "brokers must be a name, got ''"],
    [{ brokers: ['b:9092'] }, 'OPTION_VALUE', "brokers must be a name, got ['b:9092']"],
    [{ input: 3 }, 'OPTION_VALUE', 'input must be a name, got 3'],
    [{ output: 'in' }, 'OPTION_VALUE', "output must be another topic than the input, got 'in'"],
    [{ group: '' }, 'OPTION_VALUE', "group must be a name, got ''"],
    [{ changelog: 'out' }, 'OPTION_VALUE', "input, output, changelog, deadLetters must be four topics, got ['in', 'out', 'out', 'out-dead-letters']"], // prettier-ignore
    [{ deadLetters: 'in' }, 'OPTION_VALUE', "input, output, changelog, deadLetters must be four topics, got ['in', 'out', 'rx-ema-out-changelog', 'in']"], // prettier-ignore
    [{ slot: 1.5 }, 'OPTION_VALUE', 'slot must be a name or a whole number, got 1.5'],
    [{ slot: null }, 'OPTION_VALUE', 'slot must be a name or a whole number, got null'],
    [{ slot: '' }, 'OPTION_VALUE', "slot must be a name or a whole number, got ''"],
    [{ slot: 'a-probe' }, 'OPTION_VALUE', "slot must not end in -probe, as the id of another slot's probe does, got 'a-probe'"], // prettier-ignore
    [{ commitMs: 0 }, 'OPTION_VALUE', 'commitMs must be a whole number in [1, 10000], got 0'],
    [{ commitMs: NaN }, 'OPTION_VALUE', 'commitMs must be a whole number in [1, 10000], got NaN'],
    [{ commitMs: '50' }, 'OPTION_VALUE', "commitMs must be a whole number in [1, 10000], got '50'"],
    [{ commitMs: 1.5 }, 'OPTION_VALUE', 'commitMs must be a whole number in [1, 10000], got 1.5'],
    [{ commitMs: 600, config: { 'transaction.timeout.ms': 1000 } }, 'OPTION_VALUE', "commitMs must be at most half of config's transaction.timeout.ms, which is 1000, got 600"], // prettier-ignore
    [{ commitMs: 7501 }, 'OPTION_VALUE', "commitMs must be at most half of config's transaction.timeout.ms, which is 15000, got 7501"], // prettier-ignore
    [{ maxDeadInARow: 0 }, 'OPTION_VALUE', 'maxDeadInARow must be a whole number in [1, Infinity], got 0'],
    [{ sessionMs: 999 }, 'OPTION_VALUE', 'sessionMs must be a whole number in [1000, 1800000], got 999'],
    [{ sessionMs: 2000.5 }, 'OPTION_VALUE', 'sessionMs must be a whole number in [1000, 1800000], got 2000.5'],
    [{ biasCorrected: 1 }, 'OPTION_VALUE', 'biasCorrected must be one of true, false, got 1'],
    [{ config: 'ssl' }, 'OPTION_VALUE', "config must be settings of librdkafka by name, got 'ssl'"],
    [{ codec: {} }, 'OPTION_VALUE', 'codec must be like { decode, encode }, got {  }'],
    [{ codec: { decode: () => 1 } }, 'OPTION_VALUE', 'codec must be like { decode, encode }, got { decode }'],
    [{ ema: undefined }, 'OPTION_VALUE', 'ema must be options of emaScan or of ewm, got undefined'],
    [{ ema: { decay: 0.5, by: 'key' } }, 'OPTION_VALUE', "ema.by must be left out: messages have keys and timestamps, got 'key'"], // prettier-ignore
    [{ ema: { halfLifeMs: 5, clock: Date } }, 'OPTION_VALUE', 'ema.clock must be left out: messages have keys and timestamps, got a function'], // prettier-ignore
    [{ ema: { decay: 0.5, emit: 'copy' } }, 'OPTION_VALUE', "ema.emit must be left out: messages have keys and timestamps, got 'copy'"], // prettier-ignore
  ])('refuses %j', (options, code, message) => {
    expect(refusal(() => planOf(options))).toEqual({ code, message });
  });

  it.each(['group.id', 'auto.offset.reset', 'partitioner', 'dr_cb', 'delivery.report.only.error'])(
    'refuses a setting that is its own: %s',
    (name) => {
      const message = `config must leave out what the worker sets itself, got '${name}'`;
      expect(refusal(() => planOf({ config: { [name]: 'x' } }))).toEqual({ code: 'OPTION_VALUE', message });
    },
  );

  it.each<[object, string]>([
    [{}, 'DECAY_CHOICE'],
    [{ decay: 0.5, span: 3 }, 'DECAY_CHOICE'],
    [{ decay: 1 }, 'DECAY_RANGE'],
    [{ decay: 0.5, colums: ['x'] }, 'OPTION_UNKNOWN'],
    [{ decay: 0.5, time: 'at' }, 'OPTION_VALUE'],
    [{ alpha: 0.5, statistic: { stat: 'vra' } }, 'OPTION_VALUE'],
    [{ decay: 0.5, statistic: { stat: 'var' } }, 'OPTION_UNKNOWN'],
    [{ alpha: 0.5, statistic: { stat: 'cov', x: 'x' } }, 'OPTION_VALUE'],
  ])('refuses what its engine refuses, before it begins: %j', (ema, code) => {
    expect(refusal(() => planOf({ ema })).code).toBe(code);
  });
});

describe('an engine of a plan', () => {
  it('has the key of the message that is under way, and its timestamp for a stamp', () => {
    const current = { key: 'a', stamp: 0 };
    const engine = planOf({ ema: { halfLifeMs: 10 } }).session.makeEngine(current);
    engine.update({ x: 0 });
    Object.assign(current, { key: 'b', stamp: 5 });
    expect(engine.update({ x: 9 })).toEqual({ x: 9 });
    Object.assign(current, { key: 'a', stamp: 10 });
    expect(engine.update({ x: 3 })).toEqual({ x: 2 });
    expect(new KeyedRows(engine).keys()).toEqual(['a', 'b']);
  });

  it('reads stamps where `time` says, and keys grow idle by them, or by timestamps', () => {
    const own = engineOf({ halfLifeMs: 10, time: 'at' }, NaN);
    own.update({ at: 0, x: 0 });
    expect(own.update({ at: 10, x: 3 })).toEqual({ at: 10, x: 2 });
    const current = { key: 'a', stamp: 0 };
    const { makeEngine } = planOf({ ema: { decay: 0.5, idleMs: 10, start: 'first' } }).session;
    const engine = makeEngine(current);
    engine.update({ x: 0 });
    current.stamp = 11;
    expect(engine.update({ x: 5 })).toEqual({ x: 5 });
    expect(engine.dropped).toBe(1);
  });

  it('is of a statistic where one is given', () => {
    const engine = engineOf({ alpha: 0.5, statistic: { stat: 'sum' } });
    engine.update({ x: 4 });
    expect(engine.update({ x: 1 })).toEqual({ x: 3 });
  });

  it('takes options that are given as undefined for left out', () => {
    const none = { by: undefined, clock: undefined, emit: undefined, time: undefined };
    const engine = engineOf({ halfLifeMs: 10, ...none }, 7);
    engine.update({ x: 0 });
    expect(new KeyedRows(engine).get('k')!.slice(0, 2)).toEqual(Float64Array.of(0, 7));
  });
});
