import { EmaEngine } from './emaEngine.js';
import type { Plan } from './options.js';
import { batches } from './values/batch.js';
import { numbers } from './values/number.js';
import { records } from './values/record.js';
import { otherKind, type Carrier } from './values/smoother.js';

const SERIES = [numbers, batches, records] as readonly Carrier[];

/** Takes what none of these does, to say what they do. */
function refuser(carriers: readonly Carrier[]): Carrier {
  const kinds = carriers.some((one) => one.accepts(0)) ? 'a number, a record' : 'a record';
  return {
    kind: 'none',
    accepts: (value): value is unknown => value !== undefined,
    begin(first) {
      throw otherKind(`be ${kinds} or a RecordBatch (of a Table, its batches)`, first);
    },
  };
}

/** What runs behind `ewm`. */
export class EwmEngine<T> extends EmaEngine<T> {
  /** @param carriers - the kinds of values that the statistic takes. @default numbers, records and batches */
  constructor(plan: Plan, carriers: readonly Carrier[] = SERIES) {
    super(plan, [...carriers, refuser(carriers)]);
  }
}
