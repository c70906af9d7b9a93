/** What elapsed time comes to under a decay per millisecond; kept, since stamps are often evenly spaced. */
export class Elapsed {
  readonly #perMs: number;
  #ms = 0;
  /** a = −ln u. */
  a = 0;
  /** What the past keeps, u = e^−a. */
  kept = 1;
  /** 1 − u. */
  lost = 0;

  /** @param perMs - ln of what the past keeps over a millisecond, < 0 */
  constructor(perMs: number) {
    this.#perMs = perMs;
  }

  set(ms: number): void {
    if (ms === this.#ms) return;
    this.#ms = ms;
    this.a = -this.#perMs * ms;
    this.lost = -Math.expm1(-this.a);
    this.kept = this.a < 0.5 ? 1 - this.lost : Math.exp(-this.a);
  }

  /** 1 − (1 − u)/a: the share of the newest value in a straight line's mean; by its series where the form cancels. */
  get rising(): number {
    const { a } = this;
    if (a > 0.5) return 1 - this.lost / a;
    let sum = 0;
    for (let k = 14; k >= 1; k--) sum = (a / (k + 1)) * (1 - sum);
    return sum;
  }
}
