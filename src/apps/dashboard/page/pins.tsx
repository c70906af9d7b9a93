import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { decayOf } from './amount.js';
import { amountOf } from './chartState.js';
import type { HoverValue } from './contract.js';
import { askAt } from './cursor.js';
import { placeText } from './format.js';
import { HoverTable } from './hoverTable.js';
import { Icon } from './icons.js';
import { chartView, chosen } from './model.js';
import { pinLabel } from './pinLabel.js';
import { pin } from './steer.js';
import { styledRows } from './styledRows.js';

/** The tables that were pinned to a chart. */
export function Pins({ tag }: { readonly tag: string }): JSX.Element | null {
  const pins = chartView(tag).pins ?? [];
  if (pins.length === 0) return null;
  return (
    <div class="pins">
      {pins.map((x, index) => (
        <Pin key={x} tag={tag} x={x} label={pinLabel(index)} />
      ))}
    </div>
  );
}

function Pin({ tag, x, label }: { readonly tag: string; readonly x: number; readonly label: string }): JSX.Element {
  const [values, setValues] = useState<readonly HoverValue[]>([]);
  useEffect(() => effect(() => askAt(`pin ${tag} ${x}`, tag, x, setValues)), [tag, x]);
  const place = placeText(x, chosen.axis.value);
  return (
    <section class="pinned" aria-label={`Pin ${label}, ${place}`}>
      <header>
        <b>{label}</b> {place}
        <button
          type="button"
          class="icon-button small"
          aria-label={`Remove pin ${label}`}
          onClick={() => pin(tag, x, 0)}
        >
          <Icon name="close" />
        </button>
      </header>
      <HoverTable
        caption={`${tag} at ${place}`}
        rows={styledRows(tag, values, x)}
        band={chosen.band.value}
        plain={decayOf(amountOf(tag)) === 0}
        focus={null}
      />
    </section>
  );
}
