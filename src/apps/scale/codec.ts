/**
 * How the values of messages are read and written. A function that throws refuses the message: it goes to the dead
 * letters, with what the error says.
 *
 * @typeParam T - what is smoothed: a record, a number, an Arrow record batch
 * @typeParam R - what comes out
 */
export interface Codec<T, R = T> {
  /** Reads a message's value, which is valid until `encode` has returned: nothing may keep it. */
  decode(value: Buffer): T;
  /**
   * Writes what came of it.
   *
   * @param value - that `decode` was given: what has not been smoothed may go out as it stands there
   * @returns memory of its own
   */
  encode(smoothed: R, value: Buffer): Uint8Array;
}
