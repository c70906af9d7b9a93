import { EmaEngine } from './emaEngine.js';
import type { Plan } from './options.js';
import { batches } from './values/batch.js';
import { numbers } from './values/number.js';
import { records } from './values/record.js';
import type { Carrier } from './values/smoother.js';

const SERIES = [numbers, batches, records] as readonly Carrier[];

/** What runs behind `ewm`. */
export class EwmEngine<T> extends EmaEngine<T> {
  /** @param carriers - the kinds of values that the statistic takes. @default numbers, records and batches */
  constructor(plan: Plan, carriers: readonly Carrier[] = SERIES) {
    super(plan, carriers);
  }
}
