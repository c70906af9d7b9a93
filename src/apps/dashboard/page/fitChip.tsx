import type { JSX } from 'preact';
import { Icon } from './icons.js';
import { chartView } from './model.js';
import { fitAll } from './steer.js';

/** Says that a chart shows a part that somebody chose, and takes it back. */
export function FitChip({ tag }: { readonly tag: string }): JSX.Element | null {
  const { x, y } = chartView(tag);
  if (x === undefined && y === undefined) return null;
  return (
    <button type="button" class="chip act fit" title="Fit everything" onClick={() => fitAll(tag)}>
      zoomed: double click resets <Icon name="reset" />
    </button>
  );
}
