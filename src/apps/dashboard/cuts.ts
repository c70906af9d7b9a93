/** Where a curve was cut, as far as it still tells what a reader that missed cuts has right. */
export class Cuts {
  /** How often. */
  count = 0;
  // of a cut that a later one went below, the later one says all: lengths go up, so that no more are kept than points
  readonly #numbers: number[] = [];
  readonly #lengths: number[] = [];

  /** @param length - that was left */
  add(length: number): void {
    while (this.#lengths.length > 0 && this.#lengths.at(-1)! >= length) {
      this.#lengths.pop();
      this.#numbers.pop();
    }
    this.#lengths.push(length);
    this.#numbers.push(this.count++);
  }

  /** The least length that was left since there were `known` cuts; Infinity if there was no cut since. */
  leastSince(known: number): number {
    if (known >= this.count) return Infinity;
    return this.#lengths[this.#numbers.findIndex((number) => number >= known)]!;
  }
}
