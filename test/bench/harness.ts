/** A peer in a process of its own: what each run of it took per unit, and the number made of its results. */
export interface Elsewhere {
  readonly ns: readonly number[];
  readonly result: number;
}

/** Two ways to the same numbers. Each call of `ours` and of `peer` does all of `count` units anew. */
export interface Contest {
  readonly name: string;
  /** What the times are per: an emission, a field, an element. */
  readonly unit: string;
  readonly count: number;
  readonly peerName: string;
  /** Both return a number made of their results, which is compared. */
  readonly ours: () => number;
  readonly peer: (() => number) | Elsewhere;
  /** How far apart the two numbers may be, relatively. */
  readonly tolerance: number;
  /** Where the peer computes something else (memcpy): what `ours` has to return. */
  readonly expected?: number;
  /** Aim for the median ratio. */
  readonly aim?: number | undefined;
  /** Aim for what `ours` takes beyond the peer (which is a part of it), in ns: the median of the differences. */
  readonly beyond?: number | undefined;
}

/** A whole bench, made lazily: some need a backend first. */
export type Group = (size: Size) => Iterable<Contest> | AsyncIterable<Contest> | Promise<Iterable<Contest>>;

export interface Size {
  /** Tiny inputs and few rounds, for a check that takes seconds. */
  readonly smoke: boolean;
  /** Compare with torch, too. */
  readonly torch: boolean;
}

export interface Outcome {
  readonly oursNs: number;
  readonly peerNs: number;
  /** ours / peer of each round. */
  readonly ratios: readonly number[];
  /** ours − peer, the median of the rounds. */
  readonly beyondNs: number;
  /** Why the result is wrong, or null. */
  readonly wrong: string | null;
}

/** Calls that take long have fewer rounds. */
const FEW_ROUNDS = 7;
const LONG_MS = 5_000;

/** What every measured call gives is added up here, so that none can be left out by the compiler. */
export const sink = { total: 0 };

/**
 * Alternates ours and peer in every round, after a warm-up of both; each sample lasts a few milliseconds at least. A peer
 * that ran elsewhere stands beside ours with one of its runs a round.
 */
export function compete(contest: Contest, { smoke }: Pick<Size, 'smoke'>): Outcome {
  const rounds = smoke ? 3 : 21;
  const sampleMs = smoke ? 1 : 30;
  const wrong = compared(contest);
  const ours = warm(contest.ours, sampleMs);
  const peer = measured(contest, sampleMs);
  const times: { ours: number; peer: number }[] = [];
  const since = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= FEW_ROUNDS && performance.now() - since > LONG_MS) break;
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
    beyondNs: perUnit(median(times.map((time) => time.ours - time.peer))),
    wrong: wrong ?? compared(contest), // the compiled code too
  };
}

/** What measures the peer once, or hands on what was measured, in milliseconds per call. */
function measured({ peer, count }: Contest, sampleMs: number): () => number {
  if (typeof peer === 'function') return warm(peer, sampleMs);
  let run = 0;
  return () => (peer.ns[run++ % peer.ns.length]! * count) / 1e6;
}

/** Runs `task` until it is compiled; what comes back measures it once, in milliseconds per call. */
function warm(task: () => number, sampleMs: number): () => number {
  const since = performance.now();
  let runs = 0;
  const enough = (ms: number): boolean => (runs >= 5 && ms >= 5 * sampleMs) || ms > LONG_MS / 2;
  while (!enough(performance.now() - since)) {
    sink.total += task();
    runs++;
  }
  const calls = Math.max(1, Math.ceil((sampleMs * runs) / (performance.now() - since)));
  return () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) sink.total += task();
    return (performance.now() - start) / calls;
  };
}

function compared({ ours, peer, expected, tolerance, peerName }: Contest): string | null {
  const got = ours();
  const want = expected ?? (typeof peer === 'function' ? peer() : peer.result);
  const off = Math.abs(got - want) / Math.max(Math.abs(want), Number.MIN_VALUE);
  if (off <= tolerance) return null;
  return `${got}, where ${expected === undefined ? peerName : 'the definition'} gives ${want}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const COLUMNS = [46, 15, 28, 10, 10, 20, 9, 6] as const;

export const heading = (): string =>
  row(['ours', 'per', 'against', 'ours ns', 'peer ns', 'ratio [min–max]', 'aim', '']);

export function line(contest: Contest, { oursNs, peerNs, ratios, beyondNs, wrong }: Outcome): string {
  const { name, unit, peerName, aim, beyond } = contest;
  const ratio = median(ratios);
  const spread = `${ratio.toFixed(2)} [${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}]`;
  const aims = [aim && `≤ ${Number(aim.toFixed(2))}`, beyond && `≤ +${beyond}ns`].filter(Boolean).join(' ');
  const met = ratio <= (aim ?? Infinity) && beyondNs <= (beyond ?? Infinity);
  const verdict = wrong !== null ? 'WRONG' : aims === '' ? '' : met ? 'ok' : 'missed';
  const cells = [name, unit, peerName, ns(oursNs), ns(peerNs), spread, aims, verdict];
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
