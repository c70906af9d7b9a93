/** A part of the window, in pixels of it. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Corner = Pick<Area, 'left' | 'top'>;

const AWAY = 18;
const EDGE = 8;

/**
 * Where a table about a place on a chart goes: below the chart or above it, or else beside it, where it hides none of it; if the
 * window is too small for that beside the pointer. Always on the pointer's side that has more room.
 */
export function tablePlace(table: Size, pointer: Corner, chart: Area, view: Size): Corner {
  const toRight = view.width - pointer.left >= pointer.left;
  const left = within(toRight ? pointer.left + AWAY : pointer.left - AWAY - table.width, table.width, view.width);
  const top = within(pointer.top + AWAY, table.height, view.height);
  const places: readonly Corner[] = [
    { left, top: chart.bottom + EDGE },
    { left, top: chart.top - EDGE - table.height },
    { left: chart.right + EDGE, top },
    { left: chart.left - EDGE - table.width, top },
  ];
  return places.find((place) => isWithin(place, table, view)) ?? { left, top };
}

function within(start: number, size: number, all: number): number {
  return Math.max(EDGE, Math.min(start, all - size - EDGE));
}

function isWithin({ left, top }: Corner, { width, height }: Size, view: Size): boolean {
  return left === within(left, width, view.width) && top === within(top, height, view.height);
}
