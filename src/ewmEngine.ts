import { EmaEngine } from './emaEngine.js';
import type { Statistic } from './ewmOptions.js';
import type { Plan } from './options.js';
import { bandsOf } from './values/bands.js';
import { batches } from './values/batch.js';
import { numbers } from './values/number.js';
import { pairsOf } from './values/pairs.js';
import { records } from './values/record.js';
import { otherKind, type Carrier } from './values/smoother.js';

const SERIES = [numbers, batches, records] as readonly Carrier[];

/** The kinds of values that a statistic takes, and one that takes none of the others, to say what they are. */
export function carriersOf({ stat, pair, width }: Statistic): readonly Carrier[] {
  const carriers = pair !== null ? pairsOf(pair) : stat === 'bands' ? bandsOf(width) : SERIES;
  const kinds = carriers.some((one) => one.accepts(0)) ? 'a number, a record' : 'a record';
  const refuser: Carrier = {
    kind: 'none',
    accepts: (value): value is unknown => value !== undefined,
    begin(first) {
      throw otherKind(`be ${kinds} or a RecordBatch (of a Table, its batches)`, first);
    },
  };
  return [...carriers, refuser];
}

/** What runs behind `ewm`. */
export class EwmEngine<T> extends EmaEngine<T> {
  constructor(plan: Plan, statistic: Statistic) {
    super(plan, carriersOf(statistic));
  }
}
