import { writableHeaders } from './headers.js';
import type { Headers, Message, Outgoing } from './port.js';

/** A message as it came, with what was wrong and where it lay in headers behind its own; those that can't be written are in base64. */
export function deadLetter(input: string, message: Message, reason: string): Omit<Outgoing, 'topic'> {
  const { partition, key, value, timestamp, headers = [] } = message;
  return {
    partition,
    key,
    value,
    timestamp,
    headers: [...writableHeaders(headers), ...whyAndWhence(input, message, reason)],
  };
}

/** The same without its value and headers, for a topic that takes no more. */
export function shortDeadLetter(input: string, message: Message, reason: string): Omit<Outgoing, 'topic'> {
  const { partition, key, value, timestamp } = message;
  const why = `${reason} (its ${value?.length ?? 0} bytes and its headers are left out, for their size)`;
  return { partition, key, value: null, timestamp, headers: whyAndWhence(input, message, why) };
}

function whyAndWhence(input: string, { partition, offset }: Message, reason: string): Headers {
  return [
    { 'rx-ema.reason': reason },
    { 'rx-ema.topic': input },
    { 'rx-ema.partition': String(partition) },
    { 'rx-ema.offset': String(offset) },
  ];
}
