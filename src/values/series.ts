import { grown, type Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import { Arrivals, type Arrived, type Coming } from './arrivals.js';
import { ageTables, mostSteps } from './slots.js';

/** Columns of numbers, with a table of slots each: one slot, or one for every key. */
export class Series {
  readonly plan: Plan;
  readonly tables: Float64Array[] = [];
  /** A slot of each column, as it starts. */
  readonly seeds: Float64Array[] = [];
  /** Null where every value goes to the one slot, at no time, with no weight. */
  readonly arrivals: Arrivals | null;
  /** Rows of batches so far, and gaps. */
  rows = 0;

  /** @param seeds - of the first columns */
  constructor(plan: Plan, seeds: readonly Float64Array[]) {
    this.plan = plan;
    const plain = plan.by === null && plan.perMs === null && plan.weight === null;
    this.arrivals = plain ? null : new Arrivals(plan);
    this.add(seeds);
  }

  /** More columns. */
  add(seeds: readonly Float64Array[]): void {
    this.seeds.push(...seeds);
    this.tables.push(...seeds.map(() => new Float64Array(0)));
    this.fit();
  }

  /** Makes room for all slots. */
  fit(): void {
    const slots = this.arrivals?.slots ?? 1;
    for (let i = 0; i < this.tables.length; i++) {
      const [table, seed] = [this.tables[i]!, this.seeds[i]!];
      if (table.length >= slots * seed.length) continue;
      this.tables[i] = grown({ fresh: seed }, Math.max(slots, Math.ceil((1.25 * table.length) / seed.length)), table);
    }
  }

  /**
   * Rows go through the columns. Whatever throws has changed nothing.
   *
   * @param seeds - of columns that come with these rows
   */
  take(coming: Coming | null, seeds: readonly Float64Array[], scan: (arrived: Arrived | null) => void): void {
    const { tables, arrivals, plan } = this;
    const arrived = coming && arrivals!.arrive(coming);
    const had = tables.length;
    if (seeds.length > 0) this.add(seeds);
    else this.fit();
    const before = plan.law.mayThrow ? tables.map((table) => table.slice()) : [];
    try {
      scan(arrived);
    } catch (error) {
      arrivals?.undo();
      before.forEach((table, i) => (tables[i] = table));
      tables.length = this.seeds.length = had;
      throw error;
    }
    arrivals?.commit();
    plan.tally?.(arrived, coming);
  }

  /**
   * The same for rows that are plain, by their stamps alone: no keys, no weights, no nulls.
   *
   * @returns false, and nothing changed, if they are not
   */
  takeStamps({ stamps, weights }: Coming, runs: readonly Run[]): boolean {
    const { tables, arrivals, plan } = this;
    const { law } = plan;
    const words = stamps?.words;
    const plain =
      words !== undefined && plan.by === null && weights === null && runs.every((run) => run.valid === null);
    if (!plain || law.scanStamps === undefined) return false;
    const before = tables.map((table) => table.slice());
    const unitMs = stamps!.times / stamps!.per;
    if (runs.every((run, i) => law.scanStamps!(tables[i]!, run, words, arrivals!.stamps, unitMs))) {
      arrivals!.stamps.set([words.at(-1)!, words.at(-2)! >>> 0]);
      return true;
    }
    before.forEach((table, i) => tables[i]!.set(table));
    return false;
  }

  /** A gap in every column. With keys it is nobody's: a value that is missing as a whole has none. */
  age(): void {
    if (this.plan.by === null) ageTables(this.plan, this.tables);
    this.rows++;
  }

  /** Of keys, those that are not forgotten. */
  step(): number {
    const slots = this.plan.by === null ? undefined : [...this.arrivals!.slotOf.values()];
    return mostSteps(this.plan.law, this.tables, slots);
  }

  /** What came out last of a column that has no keys. */
  last(column: number): number {
    return this.tables[column]![this.plan.law.last]!;
  }
}
