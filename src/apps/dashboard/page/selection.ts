import type { Range } from './view.js';

/** A place on a plot in fractions of it: x from the left, y from the bottom. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A part of a plot, in fractions; null for all of an axis. */
export type Drawn = readonly [x: Range | null, y: Range | null];

/** Less on one axis is a drag along the other. */
const ACROSS_PX = 16;

/** The part between two places that are so many pixels apart: along one axis, or a box where both are far. */
export function drawnOut(a: Place, b: Place, along: number, across: number): Drawn {
  const both = across > ACROSS_PX && along > ACROSS_PX;
  const x = both || along >= across ? between(a.x, b.x) : null;
  return [x, both || along < across ? between(a.y, b.y) : null];
}

/** A part of a plot, as it is being drawn out. */
export class Selection {
  readonly #element = document.createElement('div');

  constructor(over: HTMLElement) {
    this.#element.className = 'selection';
    this.#element.hidden = true;
    over.append(this.#element);
  }

  show(...[x, y]: Drawn): void {
    const [x0, x1] = x ?? [0, 1];
    const [y0, y1] = y ?? [0, 1];
    this.#element.hidden = false;
    Object.assign(this.#element.style, {
      left: percent(x0),
      width: percent(x1 - x0),
      top: percent(1 - y1),
      height: percent(y1 - y0),
    });
  }

  hide(): void {
    this.#element.hidden = true;
  }
}

function between(a: number, b: number): Range {
  return [Math.min(a, b), Math.max(a, b)];
}

function percent(fraction: number): string {
  return `${fraction * 100}%`;
}
