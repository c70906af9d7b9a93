import { fileURLToPath } from 'node:url';
import type { Peer } from './peers.js';
import { python, run } from './python.js';

const VERSION = '2.15.0';
const SCRIPT = fileURLToPath(new URL('torch.py', import.meta.url));

interface Map {
  readonly name: string;
  readonly elements: number;
  readonly tensors: number;
}

/** torch's `_foreach_lerp_` on one thread, over maps of the same sizes. A download of some gigabytes: only when asked for. */
export function torch<M extends Map>(maps: readonly M[], turnsOf: (map: M) => number, runs: number): Peer {
  const program = python('rx-ema-bench-torch', { torch: VERSION });
  const plan = { runs, maps: maps.map((map) => ({ ...map, turns: turnsOf(map) })) };
  const cases = JSON.parse(run(program, [SCRIPT, JSON.stringify(plan)])) as Peer['cases'];
  return { name: `torch ${VERSION}, 1 thread`, cases };
}
