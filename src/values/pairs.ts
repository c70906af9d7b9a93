import { presence, type Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import { beginAppender, type Appendix } from './appended.js';
import { comingOf } from './arrivals.js';
import { columnOf, isBatch, type ArrowBatch, type ArrowType } from './arrowData.js';
import { runOf } from './batch.js';
import { checkField, isRecord, type Fields } from './record.js';
import { Series } from './series.js';
import { counts, newRun, receive, tableOf } from './slots.js';
import { otherKind, type Carrier, type Smoother } from './smoother.js';

/** Two fields of a record, or columns of a batch, that come to one number a row. */
export interface Pair {
  readonly x: string;
  readonly y: string;
  /** What the column is called that a batch gets, before `as`. */
  readonly name: string;
}

/** A statistic of two fields or columns. */
export function pairsOf(pair: Pair): readonly Carrier[] {
  return [batchPairs(pair), recordPairs(pair)] as readonly Carrier[];
}

/** Records: a number comes out for each, NaN for what is missing or "not yet". */
function recordPairs(pair: Pair): Carrier<Fields> {
  return {
    kind: 'pairs of fields',
    accepts: isRecord,
    begin(_first, plan) {
      return recordPairSmoother(plan, pair, new Series(plan, [tableOf(plan)])) as unknown as Smoother<Fields>;
    },
  };
}

export function recordPairSmoother(plan: Plan, { x, y }: Pair, series: Series): Smoother {
  const { arrivals, tables, seeds } = series;
  const others = new Float64Array(1);
  const run: Run = { ...newRun(1), y: others };
  /** What came out last, of any key. */
  let shown = NaN;
  const last = (): number | undefined => {
    const number = plan.by === null ? series.last(0) : shown;
    return Number.isNaN(number) ? undefined : number;
  };
  return {
    step: () => series.step(),
    last,
    update(value) {
      if (!isRecord(value)) throw otherKind('be a record, as the first one was', value);
      const [a, b] = [value[x], value[y]];
      checkField(x, a, plan);
      checkField(y, b, plan);
      series.take(arrivals && comingOf(plan, value), [], (arrived) => {
        receive(run, arrived, seeds[0]!);
        const numbers = typeof a === 'number' && typeof b === 'number';
        const came = numbers && counts(a, plan) && counts(b, plan) && run.left?.[0] !== 1;
        if (came) [run.x[0], others[0]] = [a, b];
        run.there![0] = came ? 1 : 0;
        run.gone[0] = 0;
        plan.law.scan(tables[0]!, run, false);
      });
      return run.gone[0] === 0 ? (shown = run.out[0]!) : NaN;
    },
    miss() {
      if (plan.ages) series.age();
      const carried = plan.missing === 'carry' && plan.by === null ? last() : undefined;
      return carried ?? NaN; // one that has no key is nobody's
    },
    age: () => series.age(),
    again: last,
    parts: () => ({ series, scalars: {} }),
  };
}

/** Batches: a column of nullable doubles behind theirs. */
function batchPairs(pair: Pair): Carrier<ArrowBatch> {
  return {
    kind: 'pairs of columns',
    accepts: isBatch,
    begin: (first, plan) => beginAppender(first, plan, pairAppendix(plan, pair)),
  };
}

export function pairAppendix(plan: Plan, { x, y, name }: Pair): Appendix {
  return {
    columns: [x, y],
    perRun: 2,
    fields([like]) {
      const named = plan.as?.(name) ?? name;
      return [like!.clone({ name: named, type: doubleOf(like!.type), nullable: true, metadata: new Map() })];
    },
    run([a, b], rows) {
      const [run, other] = [runOf(a!, rows, plan, x, newRun(0), true), runOf(b!, rows, plan, y)];
      const some = run.valid !== null || other.valid !== null;
      const there = some ? both(run, other, plan) : null;
      return Object.assign(run, { y: other.x, there, valid: null });
    },
    write(run, lacking, [like], [field]) {
      const doubles = like!.clone(field!.type, 0, run.rows, 0, [undefined, run.out, undefined]);
      return [columnOf(doubles, run, lacking, true, plan)];
    },
  };
}

/** 1 where both have a value. */
function both(run: Run, other: Run, plan: Plan): Uint8Array {
  const any = plan.missing === 'propagate';
  const [here, there] = [presence(run, any), presence(other, any)];
  return Uint8Array.from({ length: run.rows }, (_, row) => {
    const came = here === null ? counts(run.x[row]!, plan) : here[row] === 1;
    return came && (there === null ? counts(other.x[row]!, plan) : there[row] === 1) ? 1 : 0;
  });
}

/** Doubles, of the class of a floating type: the one that knows precisions, not a subclass that has one. */
function doubleOf(like: ArrowType): ArrowType {
  let prototype = Object.getPrototypeOf(like) as object;
  while (!Object.hasOwn(prototype, 'toString')) prototype = Object.getPrototypeOf(prototype) as object;
  return new (prototype.constructor as new (precision: number) => ArrowType)(DOUBLE);
}

const DOUBLE = 2; // Precision.DOUBLE
