/** How numbers are kept, from the narrowest on. */
export type Kind = 'uint32' | 'float32' | 'float64';
export type Numbers = Uint32Array | Float32Array | Float64Array;

const KINDS = { uint32: Uint32Array, float32: Float32Array, float64: Float64Array } as const;
const NARROW: readonly Kind[] = ['uint32', 'float32', 'float64'];
const FIRST = 64;

/** Numbers in order that only grow, or are cut, in the narrowest kind of array that holds each of them exactly. */
export class Column {
  length = 0;
  /** Each number was one, and as large as the one before it, or larger. */
  ascends = true;
  #kind: Kind;
  #data: Numbers;

  /** @param kind - to begin with */
  constructor(kind: Kind) {
    this.#kind = kind;
    this.#data = new KINDS[kind](FIRST);
  }

  get kind(): Kind {
    return this.#kind;
  }

  push(x: number): void {
    if (!holds(this.#kind, x)) this.#widen(x);
    if (this.length === this.#data.length) this.#grow(this.length + 1);
    if (!(x >= (this.length === 0 ? -Infinity : this.#data[this.length - 1]!))) this.ascends = false;
    this.#data[this.length++] = x;
  }

  append(numbers: Numbers): void {
    if (kindOf(numbers) !== this.#kind) {
      for (const x of numbers) this.push(x);
      return;
    }
    if (this.length + numbers.length > this.#data.length) this.#grow(this.length + numbers.length);
    this.ascends &&= ascending(numbers, this.length === 0 ? -Infinity : this.at(this.length - 1));
    this.#data.set(numbers, this.length);
    this.length += numbers.length;
  }

  /** Forgets what stands at `length` and after it. */
  cut(length: number): void {
    this.length = Math.min(this.length, length);
  }

  at(i: number): number {
    return this.#data[i]!;
  }

  /** Lent: what stands there now, good until the next change. */
  view(from = 0, to: number = this.length): Numbers {
    return this.#data.subarray(from, to);
  }

  #widen(x: number): void {
    const kind = NARROW.find((wider) => NARROW.indexOf(wider) > NARROW.indexOf(this.#kind) && this.#fits(wider, x))!;
    const wider = new KINDS[kind](this.#data.length);
    wider.set(this.view());
    this.#kind = kind;
    this.#data = wider;
  }

  #fits(kind: Kind, x: number): boolean {
    return holds(kind, x) && (kind === 'float64' || this.view().every((old: number) => holds(kind, old)));
  }

  #grow(least: number): void {
    this.#data = resized(this.#data, Math.max(least, Math.ceil(this.#data.length * 1.25)));
  }
}

/** Where the engine can move memory, what was held before is free at once, and not when garbage is collected next. */
function resized(data: Numbers, length: number): Numbers {
  const Kind = KINDS[kindOf(data)];
  const buffer = data.buffer as ArrayBuffer & { readonly transfer?: (bytes: number) => ArrayBuffer };
  if (typeof buffer.transfer === 'function') return new Kind(buffer.transfer(length * Kind.BYTES_PER_ELEMENT));
  const larger = new Kind(length);
  larger.set(data);
  return larger;
}

export function arrayOf(kind: Kind, bytes: ArrayBuffer, at: number, length: number): Numbers {
  return new KINDS[kind](bytes, at, length);
}

function ascending(numbers: Numbers, before: number): boolean {
  let last = before;
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i]!;
    if (!(x >= last)) return false;
    last = x;
  }
  return true;
}

function kindOf(numbers: Numbers): Kind {
  return NARROW.find((kind) => numbers instanceof KINDS[kind])!;
}

function holds(kind: Kind, x: number): boolean {
  if (kind === 'uint32') return x >>> 0 === x && !Object.is(x, -0);
  return kind === 'float64' || Math.fround(x) === x || x !== x;
}
