/** The dots of a cell, as bits of U+2800: two columns of four, the lowest row last. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BLANK = 0x2800;

/** Colours what is written; null leaves it as it is. */
export type Paint = ((text: string) => string) | null;

/** A canvas of braille: two dots to a cell across and four up and down. What is drawn later has the cell's colour. */
export class Braille {
  readonly width: number;
  readonly height: number;
  readonly #cells: { bits: number; layer: number; paint: Paint; text: string | null }[][];

  /** @param columns - cells across; @param rows - cells up and down */
  constructor(columns: number, rows: number) {
    this.width = 2 * columns;
    this.height = 4 * rows;
    this.#cells = Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => ({ bits: 0, layer: -1, paint: null, text: null })),
    );
  }

  /** A dot, counted from the top left. A higher layer takes the whole cell from a lower one. */
  dot(x: number, y: number, layer: number, paint: Paint): void {
    const cell = this.#cells[y >> 2]?.[x >> 1];
    if (cell === undefined || layer < cell.layer) return;
    if (layer > cell.layer) cell.bits = 0;
    cell.layer = layer;
    cell.paint = paint;
    cell.bits |= DOTS[y & 3]![x & 1]!;
  }

  /** A line of dots between two (Bresenham 1965). */
  line(x0: number, y0: number, x1: number, y1: number, layer: number, paint: Paint): void {
    const [wide, high] = [Math.abs(x1 - x0), -Math.abs(y1 - y0)];
    const [right, down] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
    let error = wide + high;
    for (let [x, y] = [x0, y0]; ;) {
      this.dot(x, y, layer, paint);
      if (x === x1 && y === y1) return;
      const twice = 2 * error;
      if (twice >= high) [x, error] = [x + right, error + high];
      if (twice <= wide) [y, error] = [y + down, error + wide];
    }
  }

  /** A character in place of the cell with that dot. */
  mark(x: number, y: number, text: string, paint: Paint): void {
    const cell = this.#cells[y >> 2]?.[x >> 1];
    if (cell !== undefined) Object.assign(cell, { text, paint });
  }

  /** From top to bottom. */
  lines(): string[] {
    return this.#cells.map((row) => {
      let [line, run, paint] = ['', '', null as Paint];
      for (const cell of row) {
        if (cell.paint !== paint) [line, run, paint] = [line + painted(run, paint), '', cell.paint];
        run += cell.text ?? (cell.bits === 0 ? ' ' : String.fromCharCode(BLANK + cell.bits));
      }
      return line + painted(run, paint);
    });
  }
}

const painted = (text: string, paint: Paint): string => (paint === null || text === '' ? text : paint(text));
