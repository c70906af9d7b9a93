import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Elsewhere } from './harness.js';
import { python, run } from './python.js';

export const PEERS = { pandas: '3.1.1', polars: '2.1.0' } as const;
const SCRIPT = fileURLToPath(new URL('peers.py', import.meta.url));

/** A library as it ran: its name in the table, and what came of each case. */
export interface Peer {
  readonly name: string;
  readonly cases: Readonly<Record<string, Elsewhere>>;
}

/** The Python that has both; null, and why, where they cannot be installed. */
export function peerProgram(): string | null {
  try {
    return python('rx-ema-bench', PEERS);
  } catch (error) {
    console.log(`pandas and polars are left out: ${(error as Error).message}`);
    return null;
  }
}

/** pandas and polars on the same columns, one process after the other; none, and why, where they cannot be installed. */
export function peers(plan: object, columns: Readonly<Record<string, NodeJS.ArrayBufferView>>): Peer[] {
  if (endianness() !== 'LE') {
    console.log('pandas and polars are left out: the columns are written little-endian');
    return [];
  }
  const program = peerProgram();
  if (program === null) return [];
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-bench-'));
  try {
    for (const [name, values] of Object.entries(columns)) writeFileSync(join(folder, name), values);
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
    const ran = (library: keyof typeof PEERS, threads: string, env = {}): Peer => ({
      name: `${library} ${PEERS[library]}${threads}`,
      cases: JSON.parse(run(program, [SCRIPT, folder, library], env)) as Peer['cases'],
    });
    return [
      ran('pandas', ''),
      ran('polars', ', 1 thread', { POLARS_MAX_THREADS: '1' }),
      ran('polars', ', all threads'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
