import { bundleNumber, HEAD_KEY, nextOffset, readBundle } from '../../src/apps/scale/changelog.js';
import type { Key } from '../../src/types.js';

/** A row of a changelog, as a bundle has it. */
export interface ChangelogRow {
  readonly key: Key;
  /** null: the key is gone. */
  readonly row: Float64Array | null;
  /** The next offset of the input. */
  readonly next: number;
}

/** The rows of a changelog, bundle by bundle: of each key the last one holds. */
export function changelogRows(
  log: readonly { readonly key: Buffer | null; readonly value: Uint8Array | null }[],
): ChangelogRow[] {
  const rows: ChangelogRow[] = [];
  for (const { key, value } of log) {
    if (key!.equals(HEAD_KEY)) continue;
    bundleNumber(key!); // throws for what is none
    if (value === null) continue;
    const bundle = Buffer.from(value);
    readBundle(bundle, (key, row) => rows.push({ key, row: row && row.slice(), next: nextOffset(bundle) }));
  }
  return rows;
}
