import { curvesOf } from './catalog.js';
import type { HoverValue } from './contract.js';
import type { StyledRow } from './hoverTable.js';

/** What the curves of a chart have, with the names and colours of their runs, in the order of the runs. */
export function styledRows(tag: string, values: readonly HoverValue[]): StyledRow[] {
  const byCurve = new Map(values.map((value) => [value.curve, value]));
  return curvesOf(tag).flatMap(({ curve, run }) => {
    const value = byCurve.get(curve);
    return value === undefined ? [] : [{ ...value, run: run.name, color: run.color, dash: run.dash }];
  });
}
