/** How far compaction has come. */
export interface Compaction {
  /** Of the log, from its beginning: the newest segment of it is never compacted. */
  readonly share: number;
  /** Whether messages without a value go, too. */
  readonly withTombstones: boolean;
}

/** What compaction leaves of a log: of each key in that part of it the newest message alone. */
export function compacted<M extends { readonly key: Buffer | null; readonly value: Uint8Array | null }>(
  log: readonly M[],
  { share, withTombstones }: Compaction,
): M[] {
  const part = log.slice(0, Math.ceil(share * log.length));
  const newest = new Map(part.map((message) => [message.key!.toString('latin1'), message]));
  const kept = part.filter(
    (message) => newest.get(message.key!.toString('latin1')) === message && (message.value !== null || !withTombstones),
  );
  return [...kept, ...log.slice(part.length)];
}
