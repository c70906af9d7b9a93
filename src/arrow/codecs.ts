import { CompressionType, compressionRegistry } from 'apache-arrow';

import { SmoothingError } from '../errors.js';
import { failure, said } from '../failure.js';

/** Decompresses one buffer, whose length the file says. */
export type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

interface Package {
  readonly name: string;
  /** From what the package exports. */
  readonly load: (exports: never) => Promise<Decompress>;
}

/** The packages' own types are not for users who have not installed them. */
interface Lz4 {
  readonly default: { decompressFrameSync(bytes: Uint8Array): Uint8Array };
}
interface Zstd {
  readonly ZSTDDecoder: new () => { init(): Promise<void>; decode(bytes: Uint8Array, length: number): Uint8Array };
}

const PACKAGES: Readonly<Record<CompressionType, Package>> = {
  [CompressionType.LZ4_FRAME]: {
    name: 'lz4-napi',
    load:
      async ({ default: lz4 }: Lz4) =>
      (bytes) =>
        lz4.decompressFrameSync(bytes),
  },
  [CompressionType.ZSTD]: {
    name: 'zstddec',
    load: async ({ ZSTDDecoder }: Zstd) => {
      const decoder = new ZSTDDecoder();
      await decoder.init();
      return (bytes, length) => decoder.decode(bytes, length);
    },
  },
};

/**
 * What decompresses a type: the codec that is registered with apache-arrow, else the package for it, loaded here.
 *
 * @param type - as a batch's header says
 * @returns a function; what it throws, and whether it gives the right length, is for the caller to see
 * @throws SmoothingError `CODEC_MISSING`, which says what to install; `ARROW_FORMAT` for a type that there isn't
 */
export async function decompressOf(type: CompressionType): Promise<Decompress> {
  const registered = registeredOf(type);
  if (registered !== null) return registered;
  const { name, load } = packageOf(type);
  try {
    return await load((await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as never);
  } catch (error) {
    throw codecMissing(type, said(error), error);
  }
}

/** The codec that is registered with apache-arrow. */
export function registeredOf(type: CompressionType): Decompress | null {
  const registered = compressionRegistry.get(type);
  return registered?.decode === undefined ? null : (bytes) => registered.decode!(bytes);
}

/** What decompresses each type for which there is something. */
export async function installedCodecs(): Promise<Map<CompressionType, Decompress>> {
  const codecs = new Map<CompressionType, Decompress>();
  for (const type of [CompressionType.LZ4_FRAME, CompressionType.ZSTD]) {
    await decompressOf(type).then(
      (decompress) => codecs.set(type, decompress),
      () => {}, // it is missed once something comes that is compressed so
    );
  }
  return codecs;
}

function packageOf(type: CompressionType): Package {
  const known = PACKAGES[type] as Package | undefined;
  if (known !== undefined) return known;
  throw new SmoothingError('ARROW_FORMAT', `a compression's number must be 0 (LZ4) or 1 (ZSTD), got ${type}`);
}

/** There is nothing that decompresses this type. */
export function codecMissing(type: CompressionType, why: string, cause?: unknown): SmoothingError {
  const what = CompressionType[type];
  const message =
    `a codec must be there for batches compressed with ${what}: npm i ${packageOf(type).name}, or in a browser ` +
    `compressionRegistry.set(CompressionType.${what}, codec) from apache-arrow, got none (${why})`;
  return failure('CODEC_MISSING', message, cause);
}
