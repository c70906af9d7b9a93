import type { Codec } from '../../scale/codec.js';
import { arrowBatches } from '../../scale/codecs/arrowBatches.js';
import { float64 } from '../../scale/codecs/float64.js';
import type { CodecName } from './workerFlags.js';

/** The codec of a name; undefined for the one that a worker has if nothing is said. */
export async function codecOf(name: CodecName | undefined): Promise<Codec<never> | undefined> {
  if (name === undefined || name === 'json') return undefined;
  return (name === 'float64' ? float64() : await arrowBatches()) as unknown as Codec<never>;
}
