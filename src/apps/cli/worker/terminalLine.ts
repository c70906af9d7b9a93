const CLEAR = '\r\u001b[K';

/** What is used of a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The last line of a terminal, which is written anew, and lines above it that stay. Elsewhere there are only the latter. */
export class TerminalLine {
  readonly #out: Terminal;
  #shown = '';

  constructor(out: Terminal) {
    this.#out = out;
  }

  get isShown(): boolean {
    return this.#out.isTTY === true;
  }

  show(text: string): void {
    if (!this.isShown) return;
    const width = this.#out.columns || 80; // 0: it has not been told
    const fits = text.slice(0, width - 1); // else it would wrap, and stay
    if (fits !== this.#shown) this.#out.write(`${CLEAR}${fits}`);
    this.#shown = fits;
  }

  say(line: string): void {
    const shown = this.#shown;
    const flat = line.trim().replaceAll(/\s*\n\s*/g, ' ');
    this.#out.write(`${shown === '' ? '' : CLEAR}rx-ema: ${flat}\n${shown}`);
  }

  end(): void {
    if (this.#shown !== '') this.#out.write(CLEAR);
    this.#shown = '';
  }
}
