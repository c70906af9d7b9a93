/** Bytes are not a message of protobuf. */
export class Malformed extends Error {}

/** What stands behind a field's number says how its value is written. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;
const GROUP = 3;
const GROUP_END = 4;

/** A field's number and how it is written, as they stand together in front of its value. */
export function key(field: number, wireType: number): number {
  return field * 8 + wireType;
}

const texts = new TextDecoder();

/**
 * Reads messages in protobuf's wire format, field by field, from bytes of which each message is a part.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 */
export class Wire {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the next byte is. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether it reads these very bytes. */
  isOf(bytes: Uint8Array): boolean {
    return this.#bytes === bytes;
  }

  /** The key of the next field of the message that ends there; 0 behind the last one. */
  next(end: number): number {
    if (this.at === end) return 0;
    const found = this.varint(end);
    if (found < 8 || found >= 2 ** 32) throw new Malformed(`a field of number ${Math.floor(found / 8)}`);
    return found;
  }

  /** An unsigned integer; the nearest double beyond 2^53. */
  varint(end: number): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#bytes[this.#move(1, end)]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new Malformed('an integer of more than 64 bits');
  }

  /** A signed integer of 64 bits or fewer; the nearest double beyond ±2^53. */
  integer(end: number): number {
    const begin = this.at;
    const value = this.varint(end);
    if (value < 2 ** 53) return value;
    let exact = 0n;
    for (let at = this.at - 1; at >= begin; at--) exact = (exact << 7n) | BigInt(this.#bytes[at]! & 0x7f);
    return Number(BigInt.asIntN(64, exact));
  }

  float(end: number): number {
    return this.#view.getFloat32(this.#move(4, end), true);
  }

  double(end: number): number {
    return this.#view.getFloat64(this.#move(8, end), true);
  }

  /** Where a message inside the one that ends there ends; it begins at `at`. */
  end(end: number): number {
    const length = this.varint(end);
    if (length > end - this.at) throw new Malformed(`a field of ${length} bytes where there are ${end - this.at}`);
    return this.at + length;
  }

  text(end: number): string {
    return texts.decode(this.bytes(end));
  }

  /** A view. */
  bytes(end: number): Uint8Array {
    const to = this.end(end);
    const from = this.at;
    this.at = to;
    return this.#bytes.subarray(from, to);
  }

  /** Passes over the value of a field that nobody asked for. */
  skip(key: number, end: number): void {
    const wireType = key % 8;
    if (wireType === VARINT) this.varint(end);
    else if (wireType === FIXED64) this.#move(8, end);
    else if (wireType === BYTES) this.at = this.end(end);
    else if (wireType === FIXED32) this.#move(4, end);
    else if (wireType === GROUP) this.#skipGroup(key, end);
    else throw new Malformed(`a field written in way ${wireType}`);
  }

  /** Groups may hold groups. */
  #skipGroup(key: number, end: number): void {
    const open = [key];
    while (open.length > 0) {
      const inner = this.next(end);
      if (inner === 0) throw new Malformed('a group without an end');
      if (inner % 8 === GROUP) open.push(inner);
      else if (inner % 8 !== GROUP_END) this.skip(inner, end);
      else if (inner - GROUP_END !== open.pop()! - GROUP) throw new Malformed('the end of another group');
    }
  }

  /** Where so many bytes begin, behind which `at` is then. */
  #move(length: number, end: number): number {
    const from = this.at;
    if (end - from < length) throw new Malformed('an end in the middle of a field');
    this.at = from + length;
    return from;
  }
}
