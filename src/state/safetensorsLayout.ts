import { shown, SmoothingError } from '../errors.js';
import { duplicateKey } from './duplicateKey.js';
import { dtypes } from './safetensorsDtypes.js';
import { isObject } from './snapshotFormat.js';

/** Where a tensor of a file lies, and as what. */
export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  /** Bytes of the file, from its beginning. */
  readonly begin: number;
  readonly end: number;
}

/** What the header of a safetensors file says. */
export interface Layout {
  /** In the order of the header. */
  readonly tensors: readonly Tensor[];
  readonly metadata: Record<string, string>;
}

/** The reference reader's limit: a longer header is an attack or no safetensors file. */
const LONGEST_HEADER = 100_000_000;

/** How files of torch.save begin: a zip of today's, a pickle of old. */
const ZIP = [0x50, 0x4b, 3, 4];
const PICKLE = [0x80, 2, 0x8a, 10];

/** `FILE_FORMAT`, of a file that may be right once more of it is written. */
export class CutShort extends SmoothingError {
  constructor(message: string) {
    super('FILE_FORMAT', message);
  }
}

/**
 * Reads and checks the whole header, and no tensor.
 *
 * @param length - of the file, in bytes
 * @param read - bytes of the file
 * @throws SmoothingError `FILE_FORMAT` as `decodeSafetensors` says; `CutShort` where only bytes are missing
 */
export function readLayout(length: number, read: (begin: number, end: number) => Uint8Array): Layout {
  if (length < 8) throw new CutShort(`a safetensors file must have at least 8 bytes, got ${length}`);
  const start = 8 + headerLength(read(0, 8), length);
  const { __metadata__: metadata = {}, ...entries } = headerOf(read(8, start));
  const tensors = Object.entries(entries).map(([name, entry]) => tensorOf(name, entry, start));
  checkOffsets(tensors, start, length);
  return { tensors, metadata: metadataOf(metadata) };
}

function refuse(sentence: string): SmoothingError {
  return new SmoothingError('FILE_FORMAT', sentence);
}

function headerLength(prefix: Uint8Array, fileLength: number): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  const most = Math.min(LONGEST_HEADER, fileLength - 8);
  if (length > BigInt(most)) {
    const isTorch = ZIP.every((byte, i) => prefix[i] === byte) || PICKLE.every((byte, i) => prefix[i] === byte);
    if (isTorch) throw refuse('the file must be one of safetensors.torch.save_file, got one of torch.save (.pt, .pth)');
    const message = `the header must fit the file and have <= ${LONGEST_HEADER} bytes: ${most} here, got ${length}`;
    throw length > BigInt(LONGEST_HEADER) ? refuse(message) : new CutShort(message);
  }
  if (length === 0n) throw new CutShort('the header must be JSON, got an empty one'); // room that is yet to be written
  return Number(length);
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw refuse(`the header must be JSON in UTF-8, got one that is not: ${(error as Error).message}`);
  }
  if (!isObject(header)) throw refuse(`the header must be a JSON object, got ${shown(header)}`);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw refuse(`every name in the header must stand there once, got '${twice}' twice`);
  return header;
}

function tensorOf(name: string, entry: unknown, start: number): Tensor {
  if (!isObject(entry)) throw refuse(`tensor '${name}' must be described by an object, got ${shown(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !dtypes.has(dtype)) {
    throw refuse(`the dtype of '${name}' must be one of ${[...dtypes.keys()].join(', ')}, got ${shown(dtype)}`);
  }
  if (!isCounts(shape)) throw refuse(`the shape of '${name}' must be integers >= 0, got ${shown(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw refuse(`data_offsets of '${name}' must be two integers >= 0, got ${shown(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const size = shape.reduce((product, count) => product * count, dtypes.get(dtype)!.bytes);
  if (end - begin !== size) {
    throw refuse(`'${name}' must have ${size} bytes by its dtype and shape, got data_offsets ${begin} to ${end}`);
  }
  return { name, dtype, shape, begin: start + begin, end: start + end };
}

/** The format allows neither gaps nor overlaps, and no bytes behind the last tensor. */
function checkOffsets(tensors: readonly Tensor[], start: number, length: number): void {
  let at = start;
  for (const { name, begin, end } of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      const what = begin < at ? 'overlap' : 'leave a gap';
      throw refuse(
        `tensors must lie one behind the other, but '${name}' must begin at ${at - start}, got ${begin - start}: they ${what}`,
      );
    }
    at = end;
  }
  const message = `the file must have ${at - start} bytes of data, got ${length - start}: it is `;
  if (length < at) throw new CutShort(`${message}cut short`);
  if (length > at) throw refuse(`${message}too long`);
}

function metadataOf(metadata: unknown): Record<string, string> {
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw refuse(`__metadata__ must hold strings by name, got ${shown(metadata)}`);
  }
  return metadata as Record<string, string>;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
