import { Presets, SingleBar } from 'cli-progress';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

import { PIPE, type Input, type Target } from './formats.js';

const WITH_TOTAL = '{bar} {percentage} % | {rows} rows | {rate} rows/s | {eta_formatted} left';
const WITHOUT = '{rows} rows | {rate} rows/s';
const CLEAR_LINE = '\r\u001b[K';

/** Tells people what is done and how far it has come: a bar where stderr is a terminal and what comes out goes elsewhere. */
export class Progress {
  readonly #bar: SingleBar | null;
  readonly #total: number | null;
  #begin = 0;
  #rows = 0;
  #bytes = 0;

  constructor(inputs: readonly Input[], { path }: Target) {
    this.#total = bytesIn(inputs);
    const isShown = process.stderr.isTTY && !(path === PIPE && process.stdout.isTTY);
    const format = this.#total === null ? WITHOUT : WITH_TOTAL;
    const options = { format, stream: process.stderr, clearOnComplete: true, hideCursor: true, etaBuffer: 100 };
    this.#bar = isShown ? new SingleBar(options, Presets.shades_classic) : null;
  }

  /** A line on stderr. */
  say(line: string): void {
    process.stderr.write(`${this.#bar?.isActive === true ? CLEAR_LINE : ''}rx-ema: ${line}\n`);
  }

  /** So many bytes have been read. */
  read(bytes: number): void {
    this.#bytes += bytes;
  }

  /** So many rows are done. */
  add(rows: number): void {
    if (this.#bar === null) return;
    this.#rows += rows;
    if (this.#begin === 0) {
      this.#begin = performance.now();
      this.#bar.start(this.#total ?? 1, 0, { rows: this.#rows, rate: '-' });
      return;
    }
    const rate = Math.round((1000 * this.#rows) / (performance.now() - this.#begin)).toLocaleString('en');
    this.#bar.update(this.#bytes, { rows: this.#rows.toLocaleString('en'), rate });
  }

  end(): void {
    this.#bar?.stop();
  }
}

/** How many bytes are to be read; null if that can't be known: of pipes, of what is zipped, of Parquet. */
function bytesIn(inputs: readonly Input[]): number | null {
  const sizes = inputs.map(({ path, format }) => {
    const stat = path === PIPE ? undefined : statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true && format !== 'parquet' && !isZipped(path) ? stat.size : NaN;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return Number.isNaN(total) ? null : total;
}

function isZipped(path: string): boolean {
  const head = new Uint8Array(2);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return head[0] === 0x1f && head[1] === 0x8b;
}
