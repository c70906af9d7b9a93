import { effect, signal, untracked, type Signal } from '@preact/signals';
import { requestOf } from './chartState.js';
import type { HoverValue } from './contract.js';
import type { Sorting } from './hoverRows.js';
import { drawnOf, question } from './link.js';
import type { Area } from './tablePlace.js';

/** A place on a chart that somebody looks at. */
export interface Cursor {
  readonly tag: string;
  readonly x: number;
  /** Height of the pointer, as a value; null if there is none. */
  readonly y: number | null;
  /** Where that is in the window, and where the chart is. */
  readonly left: number;
  readonly top: number;
  readonly chart: Area;
}

/** Where somebody looks; null for nowhere. */
export const cursor: Signal<Cursor | null> = signal(null);
/** What the curves have there, as last heard. */
export const atCursor: Signal<readonly HoverValue[]> = signal([]);
/** The curve nearest to the pointer. */
export const nearest: Signal<number | null> = signal(null);
/** How all tables are sorted. */
export const sorting: Signal<Sorting | null> = signal(null);

/** Keeps what is known of the cursor's place up to date: while it moves, while points come, while smoothing changes. */
export function startCursor(): void {
  effect(() => {
    const at = cursor.value;
    if (at === null) return;
    askAt('cursor', at.tag, at.x, (values) => {
      if (cursor.peek()?.tag === at.tag) atCursor.value = values;
    });
  });
  effect(() => {
    if (cursor.value === null) nearest.value = null;
  });
  addEventListener('pointerdown', leave);
  addEventListener('scroll', leave, { passive: true });
}

/** What happens off the charts ends a look at one. */
function leave({ target }: Event): void {
  if (!(target instanceof Element && target.closest('.plot'))) cursor.value = null;
}

/** Asks for a place of a chart, now, and by being read in an effect whenever the chart was drawn anew. */
export function askAt(key: string, tag: string, x: number, answer: (values: readonly HoverValue[]) => void): void {
  void drawnOf(tag).value;
  const chart = requestOf(tag, 1);
  untracked(() => question(key, { chart, x, answer }));
}
