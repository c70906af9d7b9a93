import { UsageError } from '../usageError.js';
import type { KafkaConfig } from './kafkaConfig.js';

const NAMES = ['bootstrap.servers', 'metadata.broker.list'];

/** Where the cluster is, as a flag says or, as client files of Kafka do, the settings; and the settings without it. */
export function brokersOf(flag: string | undefined, config: KafkaConfig): { brokers: string; config: KafkaConfig } {
  const name = NAMES.find((one) => config[one] !== undefined);
  const brokers = flag ?? (name === undefined ? undefined : String(config[name]));
  if (brokers === undefined) throw new UsageError('--brokers must say where the cluster is, as host:port, got none');
  return { brokers, config: Object.fromEntries(Object.entries(config).filter(([one]) => !NAMES.includes(one))) };
}
