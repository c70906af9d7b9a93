import type { ResumableEngine } from '../../resumableEngine.js';
import { keyRow, putKeyRow } from '../../state/keyRow.js';
import { snapshotOf } from '../../state/snapshot.js';
import { stateOf } from '../../state/stateOf.js';
import type { Tally } from '../../state/tally.js';
import type { Key, Snapshot } from '../../types.js';
import type { Series } from '../../values/series.js';

/** What an engine keeps, key by key: with its head, the rows of all keys are its whole state. */
export class KeyedRows<T> {
  readonly #engine: ResumableEngine<T>;
  /** Once something has come, they are the same for good. */
  #series: Series | undefined;
  #tally: Tally | null = null;

  constructor(engine: ResumableEngine<T>) {
    this.#engine = engine;
  }

  get #kept(): Series | undefined {
    if (this.#series === undefined) {
      const { parts, tally } = this.#engine.inner();
      this.#series = parts?.series;
      this.#tally = tally;
    }
    return this.#series;
  }

  /** The snapshot of an engine that has seen the same columns, but has no key yet; null while nothing has come. */
  head(): Snapshot | null {
    const { parts, law, tally, text, kind } = this.#engine.inner();
    if (parts?.series === undefined) return null;
    const { scalars, shadows } = stateOf(parts, law, tally?.rows, []);
    const counts = { dropped: 0, late: 0, ...('rows' in scalars && { rows: 0 }) };
    return snapshotOf(text, { kind, seen: 0 }, { scalars: { ...scalars, ...counts }, shadows });
  }

  /** Columns that it has; null while nothing has come. */
  get columns(): number | null {
    return this.#kept?.tables.length ?? null;
  }

  /** How many keys it has. */
  get size(): number {
    return this.#kept?.arrivals?.slotOf.size ?? 0;
  }

  /** The keys, in the order in which they came. */
  keys(): Key[] {
    return [...(this.#kept?.arrivals?.slotOf.keys() ?? [])];
  }

  /** Where a key is among them: a small number, which may be another's once it is gone; undefined if nothing is kept of it. */
  slot(key: Key): number | undefined {
    return this.#kept?.arrivals?.slotOf.get(key);
  }

  /** What is kept of a key; undefined if nothing is. @param into - memory for it, if it is as long */
  get(key: Key, into?: Float64Array): Float64Array | undefined {
    const series = this.#kept;
    return series && keyRow(series, key, this.#tally, into);
  }

  /** Takes over what another state keeps of a key. Returns its slot; −1, and nothing has changed, if it does not fit. */
  put(key: Key, row: Float64Array): number {
    const series = this.#kept;
    return series === undefined ? -1 : putKeyRow(series, key, row, this.#tally);
  }

  /** Nothing is kept of a key any more. */
  forget(key: Key): void {
    this.#engine.reset(key);
  }
}
