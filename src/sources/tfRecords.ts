import { crc32c } from '../state/crc32c.js';
import { joined } from '../values/joined.js';

/** A record of a TFRecord file: a part of what was read, good until the next is asked for. */
export interface TfRecord {
  readonly bytes: Uint8Array;
  readonly begin: number;
  readonly end: number;
  /** In the file, from 1. */
  readonly number: number;
  /** Where it begins in the file, in bytes. */
  readonly at: number;
}

/** What is wrong with a record, as "must …, got …". */
export type Damaged = (record: Pick<TfRecord, 'number' | 'at'>, what: string) => void;

/** Length (8 bytes), its checksum, data, its checksum. */
const HEAD = 12;
const TAIL = 4;
/** What a message of protobuf can be long. */
const LONGEST = 2 ** 31;
const NONE = new Uint8Array(0);

/**
 * Cuts the bytes of a TFRecord file, which come in pieces, into its records.
 *
 * A record whose data don't have their checksum is left out; behind one whose length does not, nobody knows where the next
 * one begins, and nothing comes any more. Both are told. What is not whole yet is kept.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export class TfRecords {
  readonly #damaged: Damaged;
  #parts: Uint8Array[] = [];
  #held = 0;
  /** As many bytes as have to be there for the next step. */
  #needed = HEAD;
  #at = 0;
  #number = 1;
  #lost = false;

  /** @param damaged - is told; if it throws, the records end */
  constructor(damaged: Damaged) {
    this.#damaged = damaged;
  }

  /** The records that are whole with this piece of the file, which is copied where it has to be kept. */
  *read(piece: Uint8Array): Generator<TfRecord> {
    if (this.#lost) return;
    this.#held += piece.length;
    if (this.#held < this.#needed) {
      this.#parts.push(new Uint8Array(piece)); // a copy, which `slice` of a Buffer is not
      return;
    }
    const bytes = this.#parts.length === 0 ? piece : joined([...this.#parts, piece]);
    this.#hold(NONE);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let begin = 0;
    while (bytes.length - begin >= this.#needed) {
      const length = this.#lengthAt(view, bytes, begin);
      if (length === null) return;
      this.#needed = HEAD + length + TAIL;
      if (bytes.length - begin < this.#needed) break;
      const record = { bytes, begin: begin + HEAD, end: begin + HEAD + length, number: this.#number, at: this.#at };
      begin += this.#needed;
      this.#at += this.#needed;
      this.#number += 1;
      this.#needed = HEAD;
      if (isSummed(view, bytes, record.begin, record.end)) yield record;
      else this.#damaged(record, 'have the checksum of its data, got another');
    }
    this.#hold(new Uint8Array(bytes.subarray(begin)));
  }

  #hold(rest: Uint8Array): void {
    this.#held = rest.length;
    this.#parts = rest.length === 0 ? [] : [rest];
  }

  /** Null where it is not to be trusted. */
  #lengthAt(view: DataView, bytes: Uint8Array, begin: number): number | null {
    const length = view.getUint32(begin, true) + view.getUint32(begin + 4, true) * 2 ** 32;
    if (isSummed(view, bytes, begin, begin + 8) && length < LONGEST) return length;
    this.#lost = true;
    const first = this.#number === 1 ? 'be one of a TFRecord file' : 'have the checksum of its length';
    this.#damaged({ number: this.#number, at: this.#at }, `${first}, got another, so what follows can't be found`);
    return null;
  }
}

function isSummed(view: DataView, bytes: Uint8Array, begin: number, end: number): boolean {
  return view.getUint32(end, true) === masked(crc32c(bytes, begin, end));
}

/** So that data that hold checksums themselves don't have weak ones. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
