/** Says which step each row of a table is. */
export class RowSteps {
  #row = 0;
  #newest = NaN;

  /**
   * @param step - what the row says; anything but a finite number is nothing
   * @returns that; of a row that says nothing the newest step, and the row's number from 1 as long as none has said any
   */
  next(step: unknown): number {
    this.#row += 1;
    if (typeof step === 'number' && Number.isFinite(step)) this.#newest = step;
    return Number.isNaN(this.#newest) ? this.#row : this.#newest;
  }
}
