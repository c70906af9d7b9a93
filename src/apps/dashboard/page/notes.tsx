import type { JSX } from 'preact';
import { logsOf } from './chartState.js';
import { countText } from './format.js';
import { Icon } from './icons.js';
import { drawnOf } from './link.js';
import { countMarks } from './marks.js';
import { changeChart, chartView, chosen } from './model.js';

const MARKS = [
  ['nan', '×', 'NaN'],
  ['high', '▲', '+∞'],
  ['low', '▼', '−∞'],
] as const;

/** What a chart shows otherwise than one would think. */
export function Notes({ tag }: { readonly tag: string }): JSX.Element {
  const { smoothing } = chartView(tag);
  const drawn = drawnOf(tag).value;
  const counts = countMarks((drawn?.curves ?? []).map(({ gaps }) => gaps));
  const leftOut = logsOf(tag).logY ? (drawn?.curves ?? []).reduce((sum, curve) => sum + curve.leftOut, 0) : 0;
  return (
    <footer class="notes">
      {smoothing === undefined ? null : (
        <button
          type="button"
          class="chip act"
          title="Smooth as all charts are"
          onClick={() => changeChart(tag, { smoothing: undefined })}
        >
          own smoothing <Icon name="close" />
        </button>
      )}
      {chosen.corrected.value ? null : <span class="chip warn">no bias correction</span>}
      {leftOut === 0 ? null : <span class="chip">{countText(leftOut)} values ≤ 0 left out</span>}
      {MARKS.map(([kind, sign, name]) =>
        counts[kind] === 0 ? null : (
          <span key={kind} class="mark" title={`${sign} marks where values were ${name}`}>
            {sign} {countText(counts[kind])} {name}
          </span>
        ),
      )}
    </footer>
  );
}
