import type { ModelEma } from '../modelEma.js';

/** True for a ModelEma, of any copy of this package: a weight is no function, whatever its name. */
export function isModelEma(what: unknown): what is ModelEma<unknown> {
  return typeof (what as Partial<ModelEma> | null | undefined)?.saved === 'function';
}
