import type { JSX } from 'preact';
import { ChartMenu } from './chartMenu.js';
import { Icon } from './icons.js';
import { changeChart, chartView } from './model.js';
import { Name } from './name.js';
import { Stage } from './stage.js';

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
      <Stage tag={tag} />
    </article>
  );
}
