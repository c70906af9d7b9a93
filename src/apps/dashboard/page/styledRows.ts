import { awayFrom } from './away.js';
import { curvesOf } from './catalog.js';
import type { HoverValue } from './contract.js';
import type { StyledRow } from './hoverTable.js';
import { naturalOrder } from './naturalOrder.js';

/** What the curves of a chart have at a place, with the names and colours of their runs, in the order of the list of runs. */
export function styledRows(tag: string, values: readonly HoverValue[], place: number): StyledRow[] {
  const isAway = awayFrom(tag, place);
  const byCurve = new Map(values.map((value) => [value.curve, value]));
  const rows = curvesOf(tag).flatMap(({ curve, run }) => {
    const value = byCurve.get(curve);
    return value === undefined
      ? []
      : [{ ...value, run: run.name, color: run.color, dash: run.dash, away: isAway(value) }];
  });
  return rows.sort((a, b) => naturalOrder(a.run, b.run));
}
