import type { Message, Outgoing } from './port.js';

/** A message as it came, with what was wrong and where it lay in headers behind its own. */
export function deadLetter(input: string, message: Message, reason: string): Omit<Outgoing, 'topic'> {
  const { partition, offset, key, value, timestamp, headers = [] } = message;
  return {
    partition,
    key,
    value,
    timestamp,
    headers: [
      ...headers,
      { 'rx-ema.reason': reason },
      { 'rx-ema.topic': input },
      { 'rx-ema.partition': String(partition) },
      { 'rx-ema.offset': String(offset) },
    ],
  };
}
