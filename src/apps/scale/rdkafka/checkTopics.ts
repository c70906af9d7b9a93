import { SmoothingError } from '../../../errors.js';
import type { KafkaError } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { meaning } from './errors.js';
import { CHANGELOG_CONFIG, ensureTopic, requireTopic } from './topics.js';

/**
 * The topics of a worker must be there, or are made, and match.
 *
 * @throws SmoothingError `TOPIC_MISSING`, `TOPIC_SETTINGS`, `BROKER_REFUSED`
 */
export async function checkTopics({ to, config: common, observer }: Connections): Promise<void> {
  const { client, input, output, changelog, deadLetters } = to;
  const admin = client.AdminClient.create(common as never);
  try {
    const { partitions, replicas } = await requireTopic(observer, input, CALL_MS);
    const mustHave = (name: string, got: number): void => {
      if (got >= partitions) return;
      throw settings(`'${name}' must have at least the ${partitions} partitions of '${input}', got`, got);
    };
    const ensure = (name: string, config: Readonly<Record<string, string>>) =>
      ensureTopic(observer, admin, { name, partitions, replicas, config }, CALL_MS);
    mustHave(output, (await requireTopic(observer, output, CALL_MS)).partitions);
    const kept = await ensure(changelog, CHANGELOG_CONFIG);
    if (kept.partitions !== partitions) {
      throw settings(`'${changelog}' must have the ${partitions} partitions of '${input}', got`, kept.partitions);
    }
    mustHave(deadLetters, (await ensure(deadLetters, {})).partitions);
  } catch (error) {
    throw error instanceof SmoothingError ? error : meaning('looking at the topics', error as KafkaError);
  } finally {
    admin.disconnect();
  }
}

const settings = (must: string, got: number): SmoothingError => new SmoothingError('TOPIC_SETTINGS', `${must} ${got}`);
