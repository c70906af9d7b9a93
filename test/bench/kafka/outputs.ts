import type { At } from '../../kafka/support/connection.js';
import { readTopic } from '../../kafka/support/readTopic.js';
import { decoded, keyOf, near, type Input } from './input.js';
import type { CodecName } from './job.js';

/** What must be in an output. */
export interface Expected {
  readonly input: Input;
  /** Of each reading, what comes of it. */
  readonly values: Float64Array;
  /** Bit for bit, or within the tolerance of `near`. */
  readonly exactly: boolean;
}

/**
 * Reads an output as a user of it does, `read_committed`, and compares: for every reading one message with its key and
 * time, within a partition in the order of the input. Throws what is wrong.
 */
export async function check(at: At, topic: string, codec: CodecName, expected: Expected): Promise<void> {
  const { input, values, exactly } = expected;
  const same = exactly ? Object.is : near;
  const seen = new Uint8Array(input.count);
  let found = 0;
  for (const [partition, messages] of (await readTopic(at, topic)).entries()) {
    let latest = -1;
    for (const { timestamp, key, value, offset } of messages) {
      const wrong = (what: string): Error => new Error(`${topic}, partition ${partition}, offset ${offset}: ${what}`);
      const i = timestamp - input.since;
      if (!(i >= 0 && i < input.count)) throw wrong(`there is no reading of ${timestamp}`);
      if (seen[i] === 1) throw wrong(`reading ${i} comes twice`);
      if (i < latest) throw wrong(`reading ${i} comes after reading ${latest}`);
      if (String(key) !== keyOf(input, i)) throw wrong(`the key is ${String(key)}, not ${keyOf(input, i)}`);
      const got = decoded(codec, value!);
      if (!same(got, values[i]!)) throw wrong(`the value is ${got}, where ${values[i]} is right`);
      seen[i] = 1;
      latest = i;
      found++;
    }
  }
  if (found !== input.count) throw new Error(`${topic} has ${found} of ${input.count} messages`);
}
