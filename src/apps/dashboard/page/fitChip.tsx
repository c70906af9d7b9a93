import type { JSX } from 'preact';
import { Icon } from './icons.js';
import { chartView, status } from './model.js';
import { fitAll } from './steer.js';

/** Says whether a chart follows what comes, or shows a part that somebody chose. */
export function FitChip({ tag }: { readonly tag: string }): JSX.Element {
  const { x, y } = chartView(tag);
  if (x === undefined && y === undefined) {
    return <span class="chip fit">{status.value?.ended === true ? 'fits all' : 'live: fits all'}</span>;
  }
  return (
    <button type="button" class="chip act fit" title="Fit everything" onClick={() => fitAll(tag)}>
      zoomed: double click resets <Icon name="reset" />
    </button>
  );
}
