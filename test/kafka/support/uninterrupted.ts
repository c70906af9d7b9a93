import { Ema } from '../../../src/ema.js';
import { EwmState } from '../../../src/ewmState.js';
import { jsonRecords } from '../../../src/apps/scale/codecs/jsonRecords.js';
import type { ResumableEngine } from '../../../src/resumableEngine.js';
import { toBytes } from '../../../src/state/snapshotBytes.js';
import type { Snapshot } from '../../../src/types.js';
import type { Job } from './jobs.js';
import type { Read } from './readTopic.js';

const NOTHING = Buffer.alloc(0);

/** What comes of a partition in one run that nothing interrupts. */
export interface Uninterrupted {
  /** Of each message, in order. */
  readonly outputs: readonly (Buffer | null)[];
  /** What is kept of each key in the end, and the offset of its last message. Keys as latin1 text. */
  readonly keys: ReadonlyMap<string | null, { readonly row: Float64Array | undefined; readonly offset: number }>;
  /** The state without its keys; null if nothing has begun. */
  readonly head: Uint8Array | null;
  /** A row as it is with all columns: of those that came after it was written it has nothing. */
  readonly whole: (row: Float64Array) => Float64Array;
  /** True of a row whose key has been away for longer than `idleMs`: it may be there or not. */
  readonly isIdle: (row: Float64Array) => boolean;
}

/** Smooths the messages of a partition by `Ema` or `EwmState`, with the message's key as the key. */
export function uninterrupted(
  { ema, codec = jsonRecords(), biasCorrected = false }: Job,
  input: readonly Read[],
): Uninterrupted {
  let now: Read;
  const keyText = (): string | null => now.key?.toString('latin1') ?? null;
  const { statistic, ...rest } = ema as unknown as Readonly<Record<string, unknown>>;
  const isTimed = 'halfLifeMs' in rest || 'tauMs' in rest;
  const options = {
    ...rest,
    by: keyText,
    ...(isTimed && !('time' in rest) && { clock: { now: () => now.timestamp } }),
  };
  const engineOf = (from?: Snapshot) =>
    (statistic === undefined
      ? new Ema(options as never, from)
      : new EwmState(options as never, statistic as never, from)) as ResumableEngine<unknown>;
  const engine = engineOf();
  const offsets = new Map<string | null, number>();
  const outputs = input.map((message) => {
    now = message;
    const out = engine.update(message.value && codec.decode(message.value), biasCorrected ? 'corrected' : 'raw');
    offsets.set(keyText(), message.offset);
    return out == null ? null : Buffer.from(codec.encode(out, message.value ?? NOTHING));
  });
  const head = engine.head();
  return {
    outputs,
    keys: new Map([...offsets].map(([key, offset]) => [key, { row: engine.row(key), offset }])),
    head: head && toBytes(head),
    whole(row) {
      const blank = engineOf(head!);
      blank.putRow(null, row);
      return blank.row(null)!;
    },
    isIdle: idleness(engine, Number(rest['idleMs'] ?? Infinity)),
  };
}

const stampOf = ([high, low]: Float64Array): number => high! * 2 ** 32 + low!;

function idleness(engine: ResumableEngine<unknown>, idleMs: number): (row: Float64Array) => boolean {
  if (idleMs === Infinity) return () => false;
  const newest = Math.max(...engine.keyList().map((key) => stampOf(engine.row(key)!)));
  return (row) => newest - stampOf(row) > idleMs;
}
