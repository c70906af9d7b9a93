/** Two blanks between columns, whose numbers stand one below the other. */
const BETWEEN = '  ';

/** Rows of cells as lines of equal columns, under their heads. */
export function tableText(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, i) => all.reduce((most, cells) => Math.max(most, cells[i]!.length), 0));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => cell.padEnd(widths[i]!)).join(BETWEEN).trimEnd(); // prettier-ignore
  return all.map((cells) => `${line(cells)}\n`).join('');
}
