/** Variables that their model does not train, whatever they say themselves. */
const frozen = new WeakSet();

/** Notes whether the model that a variable belongs to trains it: a layer that was made with `trainable: false` tells nobody. */
export function noteFrozen(variable: object, isSo: boolean): void {
  if (isSo) frozen.add(variable);
  else frozen.delete(variable);
}

export const isFrozen = (variable: object): boolean => frozen.has(variable);
