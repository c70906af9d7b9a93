import { curvesOf } from './catalog.js';
import type { HoverValue } from './contract.js';
import type { StyledRow } from './hoverTable.js';
import { naturalOrder } from './naturalOrder.js';

/** What the curves of a chart have, with the names and colours of their runs, in the order of the list of runs. */
export function styledRows(tag: string, values: readonly HoverValue[]): StyledRow[] {
  const byCurve = new Map(values.map((value) => [value.curve, value]));
  const rows = curvesOf(tag).flatMap(({ curve, run }) => {
    const value = byCurve.get(curve);
    return value === undefined ? [] : [{ ...value, run: run.name, color: run.color, dash: run.dash }];
  });
  return rows.sort((a, b) => naturalOrder(a.run, b.run));
}
