import { lerp32 } from './lerp32.js';
import { LERP32 } from './lerp32Bytes.js';

/** `lerp32` on addresses in bytes; `low` 0 is none. */
export type Lerp32 = (y: number, low: number, x: number, n: number, gain: number, guarded: boolean) => number;

let compiled: WebAssembly.Module | null | undefined;

/** The kernel over a memory, or null where the engine has no WebAssembly with SIMD, forbids it, or shares the memory. */
export function lerp32On(memory: WebAssembly.Memory): Lerp32 | null {
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(LERP32), (byte) => byte.charCodeAt(0)));
    return new WebAssembly.Instance(compiled, { env: { memory } }).exports['lerp32'] as Lerp32;
  } catch {
    compiled ??= null;
    return null;
  }
}

/** Where x is copied to before the kernel sees it: at the memory's begin, as many elements as the first cache holds. */
const STAGE = 1024;
const PAGE = 65_536;
/** Arrays share a memory up to here; a longer one has a memory of its own. */
const SHARED_BYTES = 2 ** 30;
/** Fewer elements are moved as fast in JavaScript. */
const WORTH = 4096;

interface Resident {
  readonly lerp32: Lerp32;
  readonly stage: Float32Array;
}
const residents = new WeakMap<ArrayBufferLike, Resident>();

/** Arrays of zeros that `move32` moves fast: views of WebAssembly memories where that is worth it and allowed. */
export function arrays32(lengths: readonly number[]): Float32Array[] {
  if (lengths.reduce((sum, length) => sum + length, 0) < WORTH)
    return lengths.map((length) => new Float32Array(length));
  return groups(lengths).flatMap(residentArrays);
}

/** Neighbours whose bytes fit one memory. */
function groups(lengths: readonly number[]): number[][] {
  const all: number[][] = [];
  let bytes = Infinity;
  for (const length of lengths) {
    bytes += aligned(4 * length);
    if (bytes > SHARED_BYTES) {
      all.push([]);
      bytes = aligned(4 * length);
    }
    all.at(-1)!.push(length);
  }
  return all;
}

function residentArrays(lengths: readonly number[]): Float32Array[] {
  const bytes = lengths.reduce((sum, length) => sum + aligned(4 * length), 4 * STAGE);
  const buffer = residentBuffer(bytes);
  if (buffer === null) return lengths.map((length) => new Float32Array(length));
  let at = 4 * STAGE;
  return lengths.map((length) => {
    const array = new Float32Array(buffer, at, length);
    at += aligned(4 * length);
    return array;
  });
}

function residentBuffer(bytes: number): ArrayBuffer | null {
  try {
    const pages = Math.ceil(bytes / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const kernel = lerp32On(memory);
    if (kernel === null) return null;
    residents.set(memory.buffer, { lerp32: kernel, stage: new Float32Array(memory.buffer, 0, STAGE) });
    return memory.buffer;
  } catch {
    return null; // no WebAssembly, or no address space left for one more memory
  }
}

/** To a line of the cache. */
const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** `lerp32`, by the kernel where y and low are resident. */
export function move32(
  y: Float32Array,
  low: Float32Array | null,
  x: Float32Array,
  gain: number,
  guarded: boolean,
): number {
  const resident = residents.get(y.buffer);
  if (resident === undefined || (low !== null && low.buffer !== y.buffer)) return lerp32(y, low, x, gain, guarded);
  const { stage } = resident;
  let refused = 0;
  for (let i = 0; i < x.length; i += STAGE) {
    const part = i === 0 && x.length <= STAGE ? x : x.subarray(i, i + STAGE);
    stage.set(part);
    const [yAt, lowAt] = [y.byteOffset + 4 * i, low === null ? 0 : low.byteOffset + 4 * i];
    refused += resident.lerp32(yAt, lowAt, 0, part.length, gain, guarded);
  }
  return refused;
}
