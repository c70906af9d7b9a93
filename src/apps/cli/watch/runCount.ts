import { say } from '../say.js';

/** When no new run has come for so long, they are counted. */
const QUIET_MS = 500;

/** Says once how many runs there were at the beginning, and how the command ends. */
export class RunCount {
  readonly #runs = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #isSaid = false;

  /** @param where - the runs are */
  constructor(where: string) {
    this.#timer = setTimeout(() => this.#say(where), QUIET_MS);
  }

  add(run: string): void {
    if (this.#isSaid || this.#runs.has(run)) return;
    this.#runs.add(run);
    this.#timer.refresh();
  }

  /** It does not matter any more. */
  end(): void {
    this.#isSaid = true;
    clearTimeout(this.#timer);
  }

  #say(where: string): void {
    const { size } = this.#runs;
    this.#isSaid = true;
    this.#runs.clear();
    say(`${size === 0 ? 'no runs yet' : size === 1 ? '1 run' : `${size} runs`} in ${where}; Ctrl-C ends`);
  }
}
