/** Two ways to the same numbers. Each call of `ours` and of `peer` does all of `count` units anew. */
export interface Contest {
  readonly name: string;
  /** What the times are per: an emission, a field, an element. */
  readonly unit: string;
  readonly count: number;
  readonly peerName: string;
  /** Both return a number made of their results, which is compared. */
  readonly ours: () => number;
  readonly peer: () => number;
  /** How far apart the two numbers may be, relatively. */
  readonly tolerance: number;
  /** Where the peer computes something else (memcpy): what `ours` has to return. */
  readonly expected?: number;
  /** Aim for the median ratio. */
  readonly aim?: number | undefined;
}

/** A whole bench, made lazily: some need a backend first. */
export type Group = (size: Size) => readonly Contest[] | Promise<readonly Contest[]>;

export interface Size {
  /** Tiny inputs and few rounds, for a check that takes seconds. */
  readonly smoke: boolean;
}

export interface Outcome {
  readonly oursNs: number;
  readonly peerNs: number;
  /** ours / peer of each round. */
  readonly ratios: readonly number[];
  /** Why the result is wrong, or null. */
  readonly wrong: string | null;
}

/** What every measured call gives is added up here, so that none can be left out by the compiler. */
export const sink = { total: 0 };

/** Alternates ours and peer in every round, after a warm-up of both; each sample lasts a few milliseconds at least. */
export function compete(contest: Contest, { smoke }: Size): Outcome {
  const rounds = smoke ? 3 : 21;
  const sampleMs = smoke ? 1 : 30;
  const wrong = compared(contest);
  const ours = warm(contest.ours, sampleMs);
  const peer = warm(contest.peer, sampleMs);
  const times: { ours: number; peer: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = ours();
      times.push({ ours: first, peer: peer() });
    } else {
      const first = peer();
      times.push({ peer: first, ours: ours() });
    }
  }
  const perUnit = (ms: number): number => (ms * 1e6) / contest.count;
  return {
    oursNs: perUnit(median(times.map((time) => time.ours))),
    peerNs: perUnit(median(times.map((time) => time.peer))),
    ratios: times.map((time) => time.ours / time.peer),
    wrong: wrong ?? compared(contest), // the compiled code too
  };
}

/** Runs `task` until it is compiled; what comes back measures it once, in milliseconds per call. */
function warm(task: () => number, sampleMs: number): () => number {
  const since = performance.now();
  let runs = 0;
  for (; runs < 5 || performance.now() - since < 5 * sampleMs; runs++) sink.total += task();
  const calls = Math.max(1, Math.ceil((sampleMs * runs) / (performance.now() - since)));
  return () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) sink.total += task();
    return (performance.now() - start) / calls;
  };
}

function compared({ ours, peer, expected, tolerance, peerName }: Contest): string | null {
  const got = ours();
  const want = expected ?? peer();
  const off = Math.abs(got - want) / Math.max(Math.abs(want), Number.MIN_VALUE);
  if (off <= tolerance) return null;
  return `${got}, where ${expected === undefined ? peerName : 'the definition'} gives ${want}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const COLUMNS = [46, 15, 28, 10, 10, 20, 6, 6] as const;

export const heading = (): string =>
  row(['ours', 'per', 'against', 'ours ns', 'peer ns', 'ratio [min–max]', 'aim', '']);

export function line({ name, unit, peerName, aim }: Contest, { oursNs, peerNs, ratios, wrong }: Outcome): string {
  const ratio = median(ratios);
  const spread = `${ratio.toFixed(2)} [${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}]`;
  const verdict = wrong !== null ? 'WRONG' : aim === undefined ? '' : ratio <= aim ? 'ok' : 'missed';
  const cells = [name, unit, peerName, ns(oursNs), ns(peerNs), spread, aim === undefined ? '' : `≤ ${aim}`, verdict];
  return row(cells) + (wrong === null ? '' : `\n  ${wrong}`);
}

const ns = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i < 3 ? cell.padEnd(COLUMNS[i]!) : cell.padStart(COLUMNS[i]!)))
    .join(' ')
    .trimEnd();

/** Numbers in [0, 1), the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A noisy curve around 1. */
export function curve(n: number, seed: number): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i / 1000) / 2 + random());
}
