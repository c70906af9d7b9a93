import { STEP, W, type Rate } from '../recurrence/weight.js';
import { MISSING, type Law, type Run } from './law.js';
import { LAST, stepLaw, Y } from './steps.js';
import type { FloatVector } from './vectors.js';

/** Rows at a time: all horizons read them from the cache. */
const PIECE = 4096;
/** Horizons at a time. */
const FOUR = 4;

/** One horizon of a column: its slot, and where its averages go. */
interface Horizon {
  readonly law: Law;
  readonly alpha: number;
  readonly slot: Float64Array;
  readonly out: FloatVector;
}

/**
 * A decay per step at several rates, over plain columns: a slot has one of `stepLaw` for each rate, in their order, and
 * `run.outs` takes what comes out. What is missing comes out as it came in.
 */
export function bankLaw(rates: readonly Rate[]): Law {
  const laws = rates.map((constant) =>
    stepLaw({
      constant,
      rateAt: () => constant,
      seeded: false,
      sma: 0,
      ages: false,
      carries: false,
      propagates: false,
    }),
  );
  const stride = laws[0]!.fresh.length;
  return {
    fields: laws.flatMap(({ fields }) => fields),
    last: laws[0]!.last,
    mayThrow: false,
    fresh: laws.flatMap(({ fresh }) => Array.from(fresh)),
    scan(table, run) {
      const horizons = laws.map((law, k) => ({
        law,
        alpha: rates[k]!.alpha,
        slot: table.subarray(k * stride, (k + 1) * stride),
        out: run.outs![k]!,
      }));
      let lacking = 0;
      for (let from = 0, to = 0; from < run.rows; from = to) {
        to = from + Math.max(1, Math.min(PIECE, run.rows - from) & ~1);
        lacking += scanPiece(horizons, run, from, to);
      }
      return lacking;
    },
  };
}

/**
 * An even number of rows, or one.
 *
 * @returns how many have no value, which is the same at every horizon
 */
function scanPiece(horizons: readonly Horizon[], run: Run, from: number, to: number): number {
  const alone = horizons.filter((one) => !isSettled(one));
  const settled = horizons.filter(isSettled);
  let lacking = 0;
  for (let i = 0; i < settled.length; i += FOUR) {
    const four = settled.slice(i, i + FOUR);
    const came = four.length === FOUR && to - from > 1 ? scanFour(four, run, from, to) : -1;
    if (came < 0) alone.push(...four);
    else lacking = to - from - came;
  }
  for (const horizon of alone) lacking = scanAlone(horizon, run, from, to);
  return lacking;
}

/** W stays 1. At an alpha of 1 the average is the value itself, to the last bit. */
const isSettled = ({ slot, alpha }: Horizon): boolean => slot[W] === 1 && alpha < 1;

/** Rows of one horizon, by its own law. */
function scanAlone({ law, slot, out: whole }: Horizon, run: Run, from: number, to: number): number {
  const x = run.x.subarray(from, to);
  const out = whole.subarray(from, to);
  const gone = run.gone.subarray(from, to);
  const lacking = law.scan(slot, { ...run, rows: to - from, x, out, gone, bit: run.bit + from }, false);
  if (lacking > 0 && gone.includes(MISSING)) echo(x, gone, out);
  return lacking;
}

function echo(x: FloatVector, gone: Uint8Array, out: FloatVector): void {
  for (let i = 0; i < x.length; i++) if (gone[i] === MISSING) out[i] = x[i]!;
}

/**
 * An even number of rows through four settled horizons.
 *
 * @returns how many have a value; −1, and nothing changed but what comes out, if an average is not finite any more
 */
function scanFour(four: readonly Horizon[], run: Run, from: number, to: number): number {
  const { x } = run;
  const y = Float64Array.from(four, ({ slot }) => slot[Y]!);
  const came =
    run.valid !== null
      ? fourGappy(x, run.valid, run.bit, four, y, from, to)
      : x instanceof Float64Array
        ? four64(x, four, y, from, to)
        : four32(x, four, y, from, to);
  const sum = y[0]! - y[0]! + (y[1]! - y[1]!) + (y[2]! - y[2]!) + (y[3]! - y[3]!);
  if (sum !== 0) return -1;
  four.forEach(({ slot }, k) => {
    slot[Y] = y[k]!;
    slot[STEP]! += came;
    if (came > 0) slot[LAST] = y[k]!;
  });
  return came;
}

/**
 * y ← y + a·(x[i] − y) at four rates, along two rows at a time: everything is a difference from the first one r, so that a
 * constant stays exactly constant. Once an average is not finite it stays so.
 */
function four64(x: Float64Array, four: readonly Horizon[], y: Float64Array, from: number, to: number): number {
  let y0 = y[0]!;
  let y1 = y[1]!;
  let y2 = y[2]!;
  let y3 = y[3]!;
  const [h0, h1, h2, h3] = four as [Horizon, Horizon, Horizon, Horizon];
  const out0 = h0.out as Float64Array;
  const out1 = h1.out as Float64Array;
  const out2 = h2.out as Float64Array;
  const out3 = h3.out as Float64Array;
  const a0 = h0.alpha;
  const a1 = h1.alpha;
  const a2 = h2.alpha;
  const a3 = h3.alpha;
  const b0 = 1 - a0;
  const b1 = 1 - a1;
  const b2 = 1 - a2;
  const b3 = 1 - a3;
  const c0 = b0 * b0;
  const c1 = b1 * b1;
  const c2 = b2 * b2;
  const c3 = b3 * b3;
  for (let i = from; i < to; i += 2) {
    const r = x[i]!;
    const f = x[i + 1]! - r;
    const e0 = y0 - r;
    out0[i] = r + b0 * e0;
    out0[i + 1] = y0 = r + (a0 * f + c0 * e0);
    const e1 = y1 - r;
    out1[i] = r + b1 * e1;
    out1[i + 1] = y1 = r + (a1 * f + c1 * e1);
    const e2 = y2 - r;
    out2[i] = r + b2 * e2;
    out2[i + 1] = y2 = r + (a2 * f + c2 * e2);
    const e3 = y3 - r;
    out3[i] = r + b3 * e3;
    out3[i + 1] = y3 = r + (a3 * f + c3 * e3);
  }
  y[0] = y0;
  y[1] = y1;
  y[2] = y2;
  y[3] = y3;
  return to - from;
}

/** The same, of columns in single precision, for the reason that `blocked.ts` has. */
function four32(x: Float32Array, four: readonly Horizon[], y: Float64Array, from: number, to: number): number {
  let y0 = y[0]!;
  let y1 = y[1]!;
  let y2 = y[2]!;
  let y3 = y[3]!;
  const [h0, h1, h2, h3] = four as [Horizon, Horizon, Horizon, Horizon];
  const out0 = h0.out as Float32Array;
  const out1 = h1.out as Float32Array;
  const out2 = h2.out as Float32Array;
  const out3 = h3.out as Float32Array;
  const a0 = h0.alpha;
  const a1 = h1.alpha;
  const a2 = h2.alpha;
  const a3 = h3.alpha;
  const b0 = 1 - a0;
  const b1 = 1 - a1;
  const b2 = 1 - a2;
  const b3 = 1 - a3;
  const c0 = b0 * b0;
  const c1 = b1 * b1;
  const c2 = b2 * b2;
  const c3 = b3 * b3;
  for (let i = from; i < to; i += 2) {
    const r = x[i]!;
    const f = x[i + 1]! - r;
    const e0 = y0 - r;
    out0[i] = r + b0 * e0;
    out0[i + 1] = y0 = r + (a0 * f + c0 * e0);
    const e1 = y1 - r;
    out1[i] = r + b1 * e1;
    out1[i + 1] = y1 = r + (a1 * f + c1 * e1);
    const e2 = y2 - r;
    out2[i] = r + b2 * e2;
    out2[i + 1] = y2 = r + (a2 * f + c2 * e2);
    const e3 = y3 - r;
    out3[i] = r + b3 * e3;
    out3[i + 1] = y3 = r + (a3 * f + c3 * e3);
  }
  y[0] = y0;
  y[1] = y1;
  y[2] = y2;
  y[3] = y3;
  return to - from;
}

/** The same where some rows are null, over which nothing happens, a row at a time. */
function fourGappy(
  x: FloatVector,
  valid: Uint8Array,
  bit: number,
  four: readonly Horizon[],
  y: Float64Array,
  from: number,
  to: number,
): number {
  let y0 = y[0]!;
  let y1 = y[1]!;
  let y2 = y[2]!;
  let y3 = y[3]!;
  const [h0, h1, h2, h3] = four as [Horizon, Horizon, Horizon, Horizon];
  const { alpha: a0, out: out0 } = h0;
  const { alpha: a1, out: out1 } = h1;
  const { alpha: a2, out: out2 } = h2;
  const { alpha: a3, out: out3 } = h3;
  let came = 0;
  for (let i = from; i < to; i++) {
    const at = bit + i;
    const value = x[i]!;
    const on = (valid[at >> 3]! >> (at & 7)) & 1;
    came += on;
    y0 += a0 * (on === 1 ? value - y0 : 0);
    y1 += a1 * (on === 1 ? value - y1 : 0);
    y2 += a2 * (on === 1 ? value - y2 : 0);
    y3 += a3 * (on === 1 ? value - y3 : 0);
    out0[i] = y0;
    out1[i] = y1;
    out2[i] = y2;
    out3[i] = y3;
  }
  y[0] = y0;
  y[1] = y1;
  y[2] = y2;
  y[3] = y3;
  return came;
}
