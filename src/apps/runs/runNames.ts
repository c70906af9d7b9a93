import type { RunFile } from './runFilesIn.js';

/** Gives each place a run's name that no other place has, and keeps it. */
export class RunNames {
  readonly #byPlace = new Map<string, string>();
  readonly #taken = new Set<string>();

  of({ place, names }: RunFile): string {
    const known = this.#byPlace.get(place);
    if (known !== undefined) return known;
    const name = names.find((one) => !this.#taken.has(one)) ?? place;
    this.#byPlace.set(place, name);
    this.#taken.add(name);
    return name;
  }
}
