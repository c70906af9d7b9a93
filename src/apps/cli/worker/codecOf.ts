import type { Codec } from '../../scale/codec.js';
import type { CodecName } from './workerFlags.js';

/** The codec of a name; undefined for the one that a worker has if nothing is said. */
export function codecOf(name: CodecName | undefined): Codec<never> | undefined {
  return name === undefined || name === 'json' ? undefined : undefined;
}
