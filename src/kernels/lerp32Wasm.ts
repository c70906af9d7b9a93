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

/** Arrays are copied to the begin of a memory in pieces of so many elements, which the first cache holds. */
const STAGE = 4096;
const PAGE = 65_536;
/** Arrays share a memory up to here; a longer one has a memory of its own. */
const SHARED_BYTES = 2 ** 30;
/** From here on arrays are worth a memory of their own, from there on the kernel is worth copying them in and out. */
const OWN = 16_384;
const COPIED = 64;

/** A memory with our kernel, and with stages at its begin. */
interface Resident {
  readonly lerp32: Lerp32;
  readonly buffer: ArrayBuffer;
  readonly x: Float32Array;
}
const residents = new WeakMap<ArrayBufferLike, Resident>();

/** Arrays of zeros that `move32` moves fast: views of WebAssembly memories where that is worth it and allowed. */
export function arrays32(lengths: readonly number[]): Float32Array[] {
  if (lengths.reduce((sum, length) => sum + length, 0) < OWN) return lengths.map((length) => new Float32Array(length));
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
  const buffer = resident(bytes)?.buffer;
  if (buffer === undefined) return lengths.map((length) => new Float32Array(length));
  let at = 4 * STAGE;
  return lengths.map((length) => {
    const array = new Float32Array(buffer, at, length);
    at += aligned(4 * length);
    return array;
  });
}

function resident(bytes: number): Resident | null {
  try {
    const pages = Math.ceil(bytes / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { buffer } = memory;
    const kernel = lerp32On(memory);
    if (kernel === null) return null;
    const made = { lerp32: kernel, buffer, x: new Float32Array(buffer, 0, STAGE) };
    residents.set(buffer, made);
    return made;
  } catch {
    return null; // no WebAssembly, or no address space left for one more memory
  }
}

/** To a line of the cache. */
const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** `lerp32`, by the kernel: where y and low lie, if that is a memory of its; else on copies, if that is worth it. */
export function move32(
  y: Float32Array,
  low: Float32Array | null,
  x: Float32Array,
  gain: number,
  guarded: boolean,
): number {
  const home = residents.get(y.buffer);
  if (home !== undefined && (low === null || low.buffer === y.buffer)) {
    return moveThere(home, y.byteOffset, low === null ? 0 : low.byteOffset, x, gain, guarded);
  }
  const stage = x.length < COPIED ? null : commonStage();
  return stage === null ? lerp32(y, low, x, gain, guarded) : moveCopies(stage, y, low, x, gain, guarded);
}

function moveThere(home: Resident, y: number, low: number, x: Float32Array, gain: number, guarded: boolean): number {
  let refused = 0;
  for (let i = 0; i < x.length; i += STAGE) {
    const part = piece(x, i);
    home.x.set(part);
    refused += home.lerp32(y + 4 * i, low === 0 ? 0 : low + 4 * i, 0, part.length, gain, guarded);
  }
  return refused;
}

/** A memory that all arrays share which have none of their own: stages for y and low behind the one for x. */
interface Stage extends Resident {
  readonly y: Float32Array;
  readonly low: Float32Array;
}
let common: Stage | null | undefined;

function commonStage(): Stage | null {
  if (common !== undefined) return common;
  const made = resident(12 * STAGE);
  if (made === null) return (common = null);
  const [y, low] = [1, 2].map((k) => new Float32Array(made.buffer, 4 * STAGE * k, STAGE)) as [
    Float32Array,
    Float32Array,
  ];
  return (common = { ...made, y, low });
}

function moveCopies(
  stage: Stage,
  y: Float32Array,
  low: Float32Array | null,
  x: Float32Array,
  gain: number,
  guarded: boolean,
): number {
  let refused = 0;
  for (let i = 0; i < x.length; i += STAGE) {
    const values = piece(x, i);
    const n = values.length;
    stage.x.set(values);
    stage.y.set(piece(y, i));
    if (low !== null) stage.low.set(piece(low, i));
    refused += stage.lerp32(4 * STAGE, low === null ? 0 : 8 * STAGE, 0, n, gain, guarded);
    y.set(n === STAGE ? stage.y : stage.y.subarray(0, n), i);
    low?.set(n === STAGE ? stage.low : stage.low.subarray(0, n), i);
  }
  return refused;
}

/** A view is made only where it has to be. */
const piece = (array: Float32Array, i: number): Float32Array =>
  array.length <= STAGE ? array : array.subarray(i, i + STAGE);
