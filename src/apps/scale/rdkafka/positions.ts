import type { Position } from '../port.js';
import type { KafkaConsumer, KafkaError } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE } from './errors.js';
import type { Link } from './link.js';

/** What is known of the position of a partition; or an error, which the client gives in its place. */
interface Committed {
  readonly partition: number;
  readonly offset?: number;
}

/**
 * Where a group is in partitions of the input, once no transaction about them is open. In one call for all: one that waits
 * takes one of the few threads that there are for calls.
 *
 * @param link - of a consumer of the group, with `read_committed`
 * @param whenFatal - is waited for before it is said what is wrong
 */
export async function positionsOf(
  connections: Connections,
  link: Link<KafkaConsumer>,
  partitions: readonly number[],
  whenFatal: () => Promise<void>,
): Promise<readonly Position[]> {
  const { input: topic } = connections.to;
  const asked = partitions.map((partition) => ({ topic, partition }));
  const found = await connections.call<readonly Committed[]>(
    link,
    'reading the positions of the group',
    (done) => link.client.committed(asked, CALL_MS, (error, all = []) => done(error ?? unknown(all), all)),
    whenFatal,
  );
  const offsets = new Map(found.map(({ partition, offset = -1 }) => [partition, offset]));
  const positions: Position[] = [];
  for (const partition of partitions) {
    const { lowOffset, highOffset } = await connections.ends(topic, partition);
    const offset = offsets.get(partition) ?? -1;
    positions.push({ committed: offset >= 0 ? offset : null, oldest: lowOffset, end: highOffset });
  }
  return positions;
}

/** What has kept a position from being known, which is not the same as that there is none. */
function unknown(all: readonly (Committed | Error)[]): KafkaError | null {
  const error = all.find((one) => one instanceof Error);
  return error === undefined ? null : { message: error.message, code: CODE.unstableOffset };
}
