import { grown } from '../kernels/law.js';
import type { Arrived, Coming } from '../values/arrivals.js';

/**
 * Rows of each key, gaps among them: by so many steps the other half of a stream ages when two are merged. The gaps before
 * a column's first value leave no other trace.
 */
export class Tally {
  /** By slot. */
  rows: Float64Array = new Float64Array(0);

  /** Rows are in. */
  count(arrived: Arrived | null, coming: Coming | null): void {
    if (arrived?.slots == null || coming === null) return;
    const { slots, fresh } = arrived;
    for (let row = 0; row < coming.rows; row++) {
      const slot = slots[row]!;
      this.put(slot, fresh?.[row] === 1 ? 1 : (this.rows[slot] ?? 0) + 1);
    }
  }

  /** A slot has so many rows. */
  put(slot: number, rows: number): void {
    if (slot >= this.rows.length) this.rows = grown({ fresh: [0] }, 2 * (slot + 1), this.rows);
    this.rows[slot] = rows;
  }
}
