const GROWTH = 2;

/** Numbers for texts, from 0 on in the order in which they come; texts are told apart by their bytes, and not read. */
export class Texts {
  /** Of each text, where its bytes end; those of the first begin at 0. */
  #ends = new Int32Array(16);
  #hashes = new Int32Array(16);
  #bytes = new Uint8Array(256);
  /** 1 + number, at the hash or behind it. */
  #table = new Int32Array(64);
  size = 0;

  /** The numbers of rows of a column, whose bytes lie between `offsets`. */
  numbers(bytes: Uint8Array, offsets: ArrayLike<number>, rows: number): Int32Array {
    const out = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      const [from, to] = [offsets[row]!, offsets[row + 1]!];
      const hash = hashOf(bytes, from, to);
      const at = this.#place(bytes, from, to, hash);
      out[row] = this.#table[at]! > 0 ? this.#table[at]! - 1 : this.#add(bytes, from, to, hash, at);
    }
    return out;
  }

  /** Where a text is in the table, or would be. */
  #place(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const number = table[at]! - 1;
      if (number < 0) return at;
      if (this.#hashes[number] !== hash) continue;
      const start = number === 0 ? 0 : this.#ends[number - 1]!;
      if (this.#ends[number]! - start === to - from && isEqual(this.#bytes, start, bytes, from, to)) return at;
    }
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, at: number): number {
    const number = this.size++;
    const start = number === 0 ? 0 : this.#ends[number - 1]!;
    if (number === this.#ends.length) {
      this.#ends = grown(this.#ends, number + 1);
      this.#hashes = grown(this.#hashes, number + 1);
    }
    if (start + to - from > this.#bytes.length) this.#bytes = grown(this.#bytes, start + to - from);
    this.#bytes.set(bytes.subarray(from, to), start);
    this.#ends[number] = start + to - from;
    this.#hashes[number] = hash;
    this.#table[at] = number + 1;
    if (GROWTH * this.size > this.#table.length) this.#spread();
    return number;
  }

  /** Twice the table, with all that is in it. */
  #spread(): void {
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (let number = 0; number < this.size; number++) {
      let at = this.#hashes[number]! & mask;
      while (table[at]! > 0) at = (at + 1) & mask;
      table[at] = number + 1;
    }
    this.#table = table;
  }
}

function grown<A extends Int32Array | Uint8Array>(had: A, least: number): A {
  const more = new (had.constructor as new (length: number) => A)(Math.max(GROWTH * had.length, least));
  more.set(had);
  return more;
}

/** FNV-1a, stirred, since tables go by its lowest bits. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function isEqual(a: Uint8Array, start: number, b: Uint8Array, from: number, to: number): boolean {
  for (let i = from, j = start; i < to; i++, j++) if (a[j] !== b[i]) return false;
  return true;
}
