import { axesOf, type Axes } from './axesOf.js';

/** The axes of records, which have the same names most of the time. */
export class KnownAxes {
  readonly #bySignature = new Map<string, Axes>();

  of(record: Readonly<Record<string, unknown>>): Axes {
    const names = Object.keys(record);
    const signature = names.join('\n');
    let axes = this.#bySignature.get(signature);
    if (axes === undefined) {
      axes = axesOf(names);
      if (this.#bySignature.size >= 1000) this.#bySignature.clear(); // records whose names never come again
      this.#bySignature.set(signature, axes);
    }
    return axes;
  }
}
