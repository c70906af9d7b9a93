import type { Health } from './health.js';

/** What is used of a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const CLEAR = '\r\u001b[K';

/** Lines that stay, and below them one that is written anew; where there is no terminal all of them stay. */
export class Screen {
  readonly #out: Terminal;
  #status = '';

  constructor(out: Terminal) {
    this.#out = out;
  }

  say(line: string): void {
    this.#out.write(`${this.#status === '' ? '' : CLEAR}${line}\n${this.#status}`);
  }

  /** A line of a table of two columns. */
  tell(what: string, line: string): void {
    this.say(`${what.padEnd(9)}${line}`);
  }

  show(line: string): void {
    if (this.#out.isTTY !== true) return void this.#out.write(`${line}\n`);
    this.#status = line.slice(0, (this.#out.columns ?? 80) - 1); // one that wraps could not be taken back
    this.#out.write(`${CLEAR}${this.#status}`);
  }

  /** The last status stays. */
  end(): void {
    if (this.#status !== '') this.#out.write('\n');
    this.#status = '';
  }
}

/** How it goes. @param rates - messages per second */
export function statusLine(
  second: number,
  rates: { readonly in: number; readonly out: number },
  workers: readonly (Health | null)[],
): string {
  const fleet = `${String(second).padStart(4)} s  in ${count(rates.in)}/s  out ${count(rates.out)}/s`;
  return [fleet, ...workers.map((health, slot) => `worker ${slot}: ${health === null ? 'away' : words(health)}`)].join(
    '  ',
  );
}

const words = ({ rate, lag, keys }: Health): string => `${count(rate)}/s, lag ${count(lag)}, ${count(keys)} keys`;

export const count = (n: number): string => Math.round(n).toLocaleString('en');
