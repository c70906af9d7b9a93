import { KeyedRows } from '../../../src/apps/scale/keyedRows.js';
import { Ema } from '../../../src/ema.js';
import { EwmState } from '../../../src/ewmState.js';
import { keyOf } from '../../../src/apps/scale/changelog.js';
import { jsonRecords } from '../../../src/apps/scale/codecs/jsonRecords.js';
import { said } from '../../../src/failure.js';
import type { ResumableEngine } from '../../../src/resumableEngine.js';
import { toBytes } from '../../../src/state/snapshotBytes.js';
import type { Key, Snapshot } from '../../../src/types.js';
import type { Job } from './jobs.js';
import type { Read } from './readTopic.js';

const NOTHING = Buffer.alloc(0);

/** A message that came out smoothed, and as what; or a dead letter, and why. */
export type Outcome = { readonly message: Read } & (
  { readonly out: Buffer | null; readonly reason?: never } | { readonly reason: string; readonly out?: never }
);

/** What comes of a partition in one run that nothing interrupts. */
export interface Uninterrupted {
  /** Of each message, in order. */
  readonly outcomes: readonly Outcome[];
  /** What is kept of each key in the end, and the offset of its last message. Keys as latin1 text. */
  readonly keys: ReadonlyMap<Key, { readonly row: Float64Array | undefined; readonly offset: number }>;
  /** The state without its keys; null if nothing has begun. */
  readonly head: Uint8Array | null;
  /** A row as it is with all columns: of those that came after it was written it has nothing. */
  readonly whole: (row: Float64Array) => Float64Array;
}

/** Smooths the messages of a partition by `Ema` or `EwmState`, with the message's key as the key. */
export function uninterrupted(
  { ema, codec = jsonRecords(), biasCorrected = false }: Job,
  input: readonly Read[],
): Uninterrupted {
  let now: Read;
  const { statistic, ...rest } = ema as unknown as Readonly<Record<string, unknown>>;
  const isTimed = 'halfLifeMs' in rest || 'tauMs' in rest;
  const options = {
    ...rest,
    by: () => keyOf(now.key),
    ...(isTimed && !('time' in rest) && { clock: { now: () => now.timestamp } }),
  };
  const engineOf = (from?: Snapshot) =>
    (statistic === undefined
      ? new Ema(options as never, from)
      : new EwmState(options as never, statistic as never, from)) as ResumableEngine<unknown>;
  const engine = engineOf();
  const offsets = new Map<Key, number>();
  const outcomes = input.map((message): Outcome => {
    now = message;
    try {
      const value = message.value && codec.decode(message.value);
      const key = keyOf(message.key);
      const out = engine.update(value, biasCorrected ? 'corrected' : 'raw');
      offsets.set(key, message.offset);
      return { message, out: out == null ? null : Buffer.from(codec.encode(out, message.value ?? NOTHING)) };
    } catch (error) {
      return { message, reason: said(error) };
    }
  });
  const head = new KeyedRows(engine).head();
  return {
    outcomes,
    keys: new Map([...offsets].map(([key, offset]) => [key, { row: new KeyedRows(engine).get(key), offset }])),
    head: head && toBytes(head),
    whole(row) {
      const blank = engineOf(head!);
      new KeyedRows(blank).put(null, row);
      return new KeyedRows(blank).get(null)!;
    },
  };
}
