import type { KafkaClient } from './client.js';
import type { Refusals } from './refusals.js';

/** Where the cluster is, what is read and written there, and as whom. */
export interface ClusterSettings {
  readonly client: KafkaClient;
  readonly brokers: string;
  readonly input: string;
  readonly output: string;
  readonly changelog: string;
  readonly deadLetters: string;
  readonly group: string;
  readonly slot: string;
  readonly sessionMs: number;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly refusals: Refusals;
  /** Told of what goes wrong and may pass, and with null when it has passed. */
  readonly trouble: (what: string | null) => void;
}
