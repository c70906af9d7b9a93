/** What a worker learns of the sizes that topics take, from one connection to the next. */
export interface Sizes {
  /**
   * True once a broker has refused a batch for its size, of which it does not say which message was too large: from then
   * on each goes alone.
   */
  alone: boolean;
  /** Messages that were refused, each by its `likeness`. */
  readonly refused: Set<string>;
}

/** Nothing is known yet. */
export function newSizes(): Sizes {
  return { alone: false, refused: new Set() };
}

/** By this a message is known that was refused: another one like it would be refused too. */
export function likeness(topic: string, partition: number | null, key: Buffer | null, size: number): string {
  return `${topic} ${partition} ${size} ${key?.toString('latin1')}`;
}
