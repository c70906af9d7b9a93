import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ClusterSettings } from '../../../../src/apps/scale/rdkafka/clusterSettings.js';
import { RdkafkaPort } from '../../../../src/apps/scale/rdkafka/rdkafkaPort.js';
import { Refusals } from '../../../../src/apps/scale/rdkafka/refusals.js';
import { workerPlan } from '../../../../src/apps/scale/workerPlan.js';

type Settings = Readonly<Record<string, unknown>>;

/** The settings that the connections of a worker are made with. */
function settingsOf(config: ClusterSettings['config']): { observer: Settings; member: Settings; producer: Settings } {
  const made: Settings[] = [];
  class Client extends EventEmitter {
    constructor(settings: Settings) {
      super();
      made.push(settings);
    }
  }
  const client = { KafkaConsumer: Client, Producer: Client, AdminClient: Client } as never;
  const topics = { input: 'in', output: 'out' };
  const { connections } = workerPlan({ client, brokers: 'b:1', ...topics, ema: { decay: 0.5 }, slot: 'a', config });
  void new RdkafkaPort({ ...connections, refusals: new Refusals(config), trouble: () => {} });
  const [observer, member, producer] = made as [Settings, Settings, Settings];
  return { observer, member, producer };
}

describe('the connections of a worker', () => {
  it('have settings of its own', () => {
    const { observer, member, producer } = settingsOf({});
    expect(observer).toMatchObject({ 'client.id': 'rx-ema-a', 'isolation.level': 'read_uncommitted' });
    expect(member).toMatchObject({
      'client.id': 'rx-ema-a',
      'session.timeout.ms': 10_000,
      'max.poll.interval.ms': 300_000,
      'heartbeat.interval.ms': 1000,
    });
    expect(producer).toMatchObject({
      'client.id': 'rx-ema-a',
      'transaction.timeout.ms': 15_000,
      'linger.ms': 5,
      'batch.num.messages': 100_000,
      'queue.buffering.max.messages': 2_000_000,
    });
  });

  it('have those that are said in their place', () => {
    const common = { 'client.id': 'fleet' };
    const ofMember = { 'heartbeat.interval.ms': 500, 'max.poll.interval.ms': 60_000 };
    const ofProducer = {
      'transaction.timeout.ms': 20_000,
      'linger.ms': 50,
      'batch.num.messages': 10,
      'batch.size': 1000,
      'queue.buffering.max.messages': 100,
    };
    const { observer, member, producer } = settingsOf({ ...common, ...ofMember, ...ofProducer });
    expect(observer).toMatchObject(common);
    expect(member).toMatchObject({ ...common, ...ofMember });
    expect(producer).toMatchObject({ ...common, ...ofProducer });
  });
});
