/** A power-function average: the exponent of its profile, and the training step at which it was taken. */
export interface Profile {
  readonly gamma: number;
  readonly step: number;
}

/** How one target is made of the snapshots' averages. */
export interface Fit {
  /** A share for each snapshot; they sum to 1. */
  readonly shares: readonly number[];
  /** How far the profile made is from the one asked for, relative in L2. */
  readonly residual: number;
}

/** Snapshots whose part that others lack is smaller, relative in L2², bring nothing but rounding. */
const NEGLIGIBLE = 1e-12;

/**
 * ∫ p_a(s)·p_b(s) ds of two power-function profiles p(s) = (gamma + 1)/step·(s/step)^gamma on [0, step].
 *
 * @see Karras et al. 2023 (arXiv 2312.02696), appendix C
 */
export function overlap(a: Profile, b: Profile): number {
  const [early, late] = a.step < b.step ? [a, b] : [b, a];
  const rise = (early.step / late.step) ** late.gamma;
  return ((a.gamma + 1) * (b.gamma + 1) * rise) / ((a.gamma + b.gamma + 1) * late.step);
}

/**
 * Fits profiles by those of snapshots: the shares x that minimise ‖p − Σ x_i p_i‖, divided by their sum, so that a constant
 * stays constant. By a Cholesky decomposition of the snapshots' overlaps that takes the snapshot next which the ones before
 * explain least, and leaves out those that they explain whole.
 *
 * @param snapshots - at least one
 * @returns asked for a target, how it is made
 */
export function fitter(snapshots: readonly Profile[]): (target: Profile) => Fit {
  const sizes = snapshots.map((one) => Math.sqrt(overlap(one, one)));
  const { order, rows } = decomposed((i, j) => overlap(snapshots[i]!, snapshots[j]!) / (sizes[i]! * sizes[j]!), sizes);
  return (target) => {
    const size = Math.sqrt(overlap(target, target));
    const forward: number[] = [];
    for (const [k, i] of order.entries()) {
      const along = overlap(snapshots[i]!, target) / (sizes[i]! * size);
      forward.push((along - dot(rows[k]!, forward)) / rows[k]![k]!);
    }
    const shares = snapshots.map(() => 0);
    for (let k = order.length - 1; k >= 0; k--) {
      let rest = forward[k]!;
      for (let later = k + 1; later < order.length; later++) rest -= rows[later]![k]! * shares[order[later]!]!;
      shares[order[k]!] = rest / rows[k]![k]!;
    }
    const weights = shares.map((share, i) => (size * share) / sizes[i]!);
    const sum = weights.reduce((a, b) => a + b, 0);
    const explained = dot(forward, forward); // what is left is across it; what the division moves is along it
    return {
      shares: weights.map((weight) => weight / sum),
      residual: Math.sqrt(Math.max(0, 1 - explained) + explained * (1 - 1 / sum) ** 2),
    };
  };
}

/** L of A = L·Lᵀ, row by row in the order that the pivots take. */
function decomposed(a: (i: number, j: number) => number, { length }: readonly unknown[]) {
  const order: number[] = [];
  const rows: number[][] = [];
  const left = Array.from({ length }, (_, i) => ({ i, row: [] as number[], rest: 1 }));
  for (;;) {
    left.sort((one, other) => other.rest - one.rest);
    const next = left[0];
    if (next === undefined || next.rest <= NEGLIGIBLE) return { order, rows };
    left.shift();
    const pivot = Math.sqrt(next.rest);
    order.push(next.i);
    rows.push([...next.row, pivot]);
    for (const one of left) {
      one.row.push((a(one.i, next.i) - dot(one.row, next.row)) / pivot);
      one.rest -= one.row.at(-1)! ** 2;
    }
  }
}

const dot = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < a.length && i < b.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
