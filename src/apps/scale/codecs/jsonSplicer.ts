import { writeNumber } from '../../writeNumber.js';
import { withRoom } from '../withRoom.js';
import { nextIn, stringEnd, valueEnd } from './jsonEnds.js';

const CLOSING = 0x7d;
const COMMA = 0x2c;
const NULL = Buffer.from('null');
/** As many as the shortest form of a double has at most. */
const MOST_DIGITS = 25;
/** Bytes that are copied sooner one by one than by a call. */
const FEW = 40;

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** Writes objects of JSON as they stand in a text, with some numbers in the place of others or behind them. */
export class JsonSplicer {
  #out: Buffer = Buffer.allocUnsafe(1024);
  #at = 0;
  /** The names of the fields of the latest text, and as they stand in it: most texts have the same ones. */
  readonly #names: string[] = [];
  readonly #quoted: Uint8Array[] = [];

  /**
   * @param bytes - an object in JSON
   * @param before - that object
   * @param record - the same one, maybe with other numbers, or fields behind its own
   * @returns memory of its own
   */
  splice(bytes: Uint8Array, before: Fields, record: Fields): Buffer {
    this.#at = 0;
    let from = 0; // of what has not been copied yet
    let count = 0;
    let next = nextIn(bytes, nextIn(bytes, 0) + 1);
    let behind = next; // the last value
    while (next < bytes.length && bytes[next] !== CLOSING) {
      const colon = nextIn(bytes, this.#nameAt(bytes, next, count));
      const start = nextIn(bytes, colon + 1);
      behind = valueEnd(bytes, start);
      const name = this.#names[count++]!;
      const value = record[name];
      if (typeof value === 'number' && !isSame(before[name], value)) {
        this.#copy(bytes, from, start);
        this.#write(value);
        from = behind;
      }
      next = nextIn(bytes, behind);
      if (bytes[next] === COMMA) next = nextIn(bytes, next + 1);
    }
    this.#copy(bytes, from, behind);
    this.#append(record, count);
    this.#copy(bytes, behind, bytes.length);
    const spliced = Buffer.allocUnsafe(this.#at);
    this.#out.copy(spliced, 0, 0, this.#at);
    return spliced;
  }

  /** Notes the name that begins at `start` as that of field `i`. Returns where it ends. */
  #nameAt(bytes: Uint8Array, start: number, i: number): number {
    const known = this.#quoted[i];
    if (known !== undefined && isAt(bytes, start, known)) return start + known.length;
    const end = stringEnd(bytes, start);
    const quoted = Buffer.from(bytes.subarray(start, end));
    this.#quoted[i] = quoted;
    this.#names[i] = JSON.parse(quoted.toString()) as string;
    return end;
  }

  /** Fields of the record that the text does not have: behind its own, of which there are `count`. */
  #append(record: Fields, count: number): void {
    let known: Set<string> | null = null; // of those in the text, where they come in another order, as names like integers do
    let i = 0;
    let isFirst = count === 0;
    for (const name in record) {
      if (known === null && i < count) {
        if (this.#names[i++] === name) continue;
        known = new Set(this.#names.slice(0, count));
      }
      const value = record[name];
      if (value === undefined || known?.has(name) === true) continue;
      this.#text(`${isFirst ? '' : ','}${JSON.stringify(name)}:`);
      isFirst = false;
      if (typeof value === 'number') this.#write(value);
      else this.#text(JSON.stringify(value));
    }
  }

  #write(value: number): void {
    this.#reserve(MOST_DIGITS);
    if (value - value === 0) this.#at = writeNumber(value, this.#out, this.#at);
    else this.#copy(NULL, 0, NULL.length);
  }

  #text(text: string): void {
    this.#reserve(3 * text.length);
    this.#at += this.#out.write(text, this.#at);
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const out = this.#out;
    let at = this.#at;
    if (to - from > FEW) out.set(bytes.subarray(from, to), at);
    else for (let i = from; i < to; i++) out[at++] = bytes[i]!;
    this.#at += to - from;
  }

  #reserve(more: number): void {
    this.#out = withRoom(this.#out, this.#at, more);
  }
}

/** True if a value goes out as it stands in the text: the very number, in whatever digits, or null for one that is none. */
const isSame = (before: unknown, value: number): boolean => (before === null ? value - value !== 0 : before === value);

function isAt(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[start + i] !== part[i]) return false;
  return true;
}
