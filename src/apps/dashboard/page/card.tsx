import type { JSX } from 'preact';
import { ChartMenu } from './chartMenu.js';
import { FitChip } from './fitChip.js';
import { Icon } from './icons.js';
import { changeChart, chartView } from './model.js';
import { Name } from './name.js';
import { Notes } from './notes.js';
import { Pins } from './pins.js';
import { PlotView } from './plotView.js';

/** One metric of all runs. */
export function Card({ tag }: { readonly tag: string }): JSX.Element {
  const { wide = false } = chartView(tag);
  return (
    <article class={wide ? 'card wide' : 'card'} data-tag={tag} aria-label={tag}>
      <header>
        <h3>
          <Name text={tag} quiet={tag.lastIndexOf('/') + 1} />
        </h3>
        <button
          type="button"
          class="icon-button small"
          aria-pressed={wide}
          aria-label={`Wide ${tag}`}
          title={wide ? 'Narrow' : 'Wide'}
          onClick={() => changeChart(tag, { wide: wide ? undefined : true })}
        >
          <Icon name={wide ? 'narrow' : 'wide'} />
        </button>
        <ChartMenu tag={tag} />
      </header>
      <div class="stage">
        <PlotView tag={tag} />
        <FitChip tag={tag} />
      </div>
      <Notes tag={tag} />
      <Pins tag={tag} />
    </article>
  );
}
