import { EmaEngine } from './emaEngine.js';
import type { Plan } from './options.js';
import { batches } from './values/batch.js';
import { numbers } from './values/number.js';
import { records } from './values/record.js';
import type { Carrier } from './values/smoother.js';

const CARRIERS = [numbers, batches, records] as readonly Carrier[];

/** What runs behind `ewm`: numbers, records and batches. */
export class EwmEngine<T> extends EmaEngine<T> {
  constructor(plan: Plan) {
    super(plan, CARRIERS);
  }
}
