import { longestHalfLife, slid, sliderOf } from './amount.js';
import { openHelp } from './help.js';
import { change, longestCurve, view } from './model.js';

const STEP = 0.02;

/** Keys that work wherever nothing is typed. */
export function startKeys(): void {
  addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, select, textarea, dialog *')) return;
    if (event.key === '/') focusSearch();
    else if (event.key === '?') openHelp();
    else if (event.key === '[') smoothBy(-STEP);
    else if (event.key === ']') smoothBy(STEP);
    else return;
    event.preventDefault();
  });
}

function focusSearch(): void {
  const search = document.querySelector<HTMLInputElement>('[data-shortcut="/"]');
  search?.focus();
  search?.select();
}

function smoothBy(step: number): void {
  const { smoothing } = view.peek();
  const longest = longestHalfLife(longestCurve.peek());
  const position = Math.min(1, Math.max(0, sliderOf(smoothing, longest) + step));
  change({ smoothing: slid(position < STEP / 2 ? 0 : position, smoothing.scale, longest) });
}
