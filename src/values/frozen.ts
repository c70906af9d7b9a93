/** Variables that their model does not train, whatever they say themselves. */
const frozen = new WeakSet();

/**
 * Notes whether the model that a variable belongs to trains it. tfjs does not pass on to variables what a layer was made with
 * (`trainable: false`) or told before it was built, and a sequential model that is built late sets them all to trainable.
 */
export function noteFrozen(variable: object, isSo: boolean): void {
  if (isSo) frozen.add(variable);
  else frozen.delete(variable);
}

export const isFrozen = (variable: object): boolean => frozen.has(variable);
