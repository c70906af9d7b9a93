/**
 * How the values of messages are read and written. A function that throws refuses the message: it goes to the dead
 * letters, with what the error says.
 *
 * @typeParam T - what is smoothed: a record, a number, an Arrow record batch
 * @typeParam R - what comes out
 */
export interface Codec<T, R = T> {
  /** Reads a message's value, which is no longer valid once it has returned: nothing may keep it. */
  decode(value: Buffer): T;
  /** Writes what came of it. */
  encode(smoothed: R): Uint8Array;
}
