import { grown } from '../kernels/law.js';
import type { Plan } from '../options.js';
import { Arrivals, type Arrived, type Coming } from './arrivals.js';
import { ageTables, mayThrow, mostSteps, savedTables } from './slots.js';
import type { State } from './smoother.js';

/** Columns of numbers, with a table of slots each: one slot, or one for every key. */
export class Series {
  readonly plan: Plan;
  readonly tables: Float64Array[] = [];
  /** What a new slot of each column holds. */
  readonly #fresh: Float64Array[] = [];
  /** Null where every value goes to the one slot, at no time, with no weight. */
  readonly arrivals: Arrivals | null;

  constructor(plan: Plan) {
    this.plan = plan;
    const plain = plan.by === null && plan.perMs === null && plan.weight === null;
    this.arrivals = plain ? null : new Arrivals(plan);
  }

  /** A column more. @param fresh - a slot, as it starts */
  add(fresh: Float64Array): void {
    this.#fresh.push(fresh);
    this.tables.push(new Float64Array(0));
    this.#fit(this.tables.length - 1, this.arrivals?.slots ?? 1);
  }

  /**
   * Rows go through the columns. Whatever throws has changed nothing.
   *
   * @param fresh - columns that come with these rows
   */
  take(coming: Coming | null, fresh: readonly Float64Array[], scan: (arrived: Arrived | null) => void): void {
    const { tables, arrivals, plan } = this;
    const had = tables.length;
    const arrived = coming && arrivals!.arrive(coming);
    const before = mayThrow(plan) ? tables.map((table) => table.slice()) : null;
    try {
      fresh.forEach((one) => this.add(one));
      this.#welcome();
      scan(arrived);
    } catch (error) {
      arrivals?.undo();
      tables.length = this.#fresh.length = had;
      before?.forEach((table, i) => (tables[i] = table));
      throw error;
    }
    if (coming !== null) arrivals!.commit(coming);
  }

  /** Slots of new keys are fresh in every column. */
  #welcome(): void {
    for (const slot of this.arrivals?.takeFresh() ?? []) {
      this.#fresh.forEach((fresh, column) => {
        this.#fit(column, slot + 1);
        this.tables[column]!.set(fresh, slot * fresh.length);
      });
    }
  }

  #fit(column: number, slots: number): void {
    const [table, fresh] = [this.tables[column]!, this.#fresh[column]!];
    if (table.length >= slots * fresh.length) return;
    const room = Math.max(slots, (2 * table.length) / fresh.length);
    this.tables[column] = grown({ fresh }, room, table);
  }

  /** A gap in every slot. */
  age(): void {
    ageTables(this.plan, this.tables);
  }

  step(): number {
    return mostSteps(this.plan.law, this.tables);
  }

  /** What came out last of a column that has no keys. */
  last(column: number): number {
    return this.tables[column]![this.plan.law.last]!;
  }

  /** What a column without keys would read at a later moment; undefined before its first value. */
  later(column: number, at: number): number | undefined {
    const { law } = this.plan;
    const [table, { arrivals }] = [this.tables[column]!, this];
    if (law.later === undefined || Number.isNaN(table[law.last]!)) return undefined;
    return law.later(table, 0, arrivals!.until(at));
  }

  /** @param columns - what the adapter knows its columns by */
  state(columns?: readonly string[]): State {
    const slots = this.arrivals?.kept() ?? Int32Array.of(0);
    const kept = this.tables.map((table, column) => {
      const size = this.#fresh[column]!.length;
      const out = new Float64Array(slots.length * size);
      slots.forEach((slot, i) => out.set(table.subarray(slot * size, (slot + 1) * size), i * size));
      return out;
    });
    const own = this.arrivals?.state();
    return {
      scalars: { ...own?.scalars, ...(columns && { columns: JSON.stringify(columns) }) },
      shadows: { ...savedTables(this.plan.law, kept), ...own?.shadows },
    };
  }
}
