import type { JSX } from 'preact';
import { clockText, countText, valueText } from './format.js';
import { nextSorting, sortedRows, type Column, type HoverRow } from './hoverRows.js';
import { sorting } from './cursor.js';
import { Name } from './name.js';
import type { Style } from './palette.js';
import { Swatch } from './swatch.js';

/** A line of a table, with its colour. */
export interface StyledRow extends HoverRow, Style {}

interface HoverTableProps {
  readonly caption: string;
  readonly rows: readonly StyledRow[];
  readonly band: boolean;
  /** The raw curve is all there is. */
  readonly plain: boolean;
  readonly focus: number | null;
  /** How many rows there is room for. */
  readonly most?: number;
}

const HEADS: Readonly<Record<Column, string>> = {
  run: 'Run',
  smooth: 'Smoothed',
  raw: 'Raw',
  std: 'Std',
  step: 'Step',
  time: 'Time',
};

/** What the runs have at a place, sortable by each column. */
export function HoverTable({ caption, rows, band, plain, focus, most = Infinity }: HoverTableProps): JSX.Element {
  const columns = (Object.keys(HEADS) as Column[]).filter(
    (one) => (one !== 'smooth' || !plain) && (one !== 'std' || band),
  );
  const sorted = sortedRows(rows, sorting.value);
  const first = firstSeen(
    sorted.findIndex(({ curve }) => curve === focus),
    sorted.length,
    most,
  );
  const seen = sorted.slice(first, first + most);
  return (
    <table class="values">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column} column={column} />
          ))}
        </tr>
      </thead>
      <tbody>
        {seen.map((row) => (
          <tr key={row.curve} class={row.curve === focus ? 'focus' : undefined} data-run={row.run}>
            {columns.map((column) => (
              <td key={column} class={`of-${column}`}>
                {column === 'run' ? <RunCell row={row} /> : textOf(row, column)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {seen.length === sorted.length ? null : (
        <tfoot>
          <tr>
            <td colSpan={columns.length}>{sorted.length - seen.length} more runs</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

/** Where to begin so that a row is in the middle, as far as the ends allow. */
function firstSeen(row: number, count: number, most: number): number {
  return count <= most ? 0 : Math.max(0, Math.min(count - most, row - Math.floor(most / 2)));
}

function Head({ column }: { readonly column: Column }): JSX.Element {
  const now = sorting.value?.column === column ? sorting.value : null;
  const direction = now === null ? 'none' : now.down ? 'descending' : 'ascending';
  return (
    <th scope="col" class={`of-${column}`} aria-sort={direction}>
      <button type="button" onClick={() => (sorting.value = nextSorting(sorting.peek(), column))}>
        {HEADS[column]}
        <span aria-hidden="true">{now === null ? '' : now.down ? ' ↓' : ' ↑'}</span>
      </button>
    </th>
  );
}

function RunCell({ row }: { readonly row: StyledRow }): JSX.Element {
  return (
    <span class="key">
      <Swatch style={row} width={16} height={4} />
      <Name text={row.run} />
    </span>
  );
}

function textOf(row: HoverRow, column: Exclude<Column, 'run'>): string {
  if (column === 'step') return countText(row.step);
  if (column === 'time') return clockText(row.atMs, Date.now());
  return valueText(row[column]);
}
