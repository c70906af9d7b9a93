import type { JSX } from 'preact';
import { curvesOf } from './catalog.js';
import { FitChip } from './fitChip.js';
import { Notes } from './notes.js';
import { nowhereText } from './nowhere.js';
import { Pins } from './pins.js';
import { PlotView } from './plotView.js';

/** What a chart shows, or why it shows nothing. */
export function Stage({ tag }: { readonly tag: string }): JSX.Element {
  if (curvesOf(tag).length === 0) return <p class="nothing">None of the shown runs has this.</p>;
  const nowhere = nowhereText(tag);
  return (
    <>
      <div class="stage">
        <PlotView tag={tag} />
        {nowhere === null ? <FitChip tag={tag} /> : <p class="nothing over">Nothing to draw: {nowhere}.</p>}
      </div>
      <Notes tag={tag} />
      <Pins tag={tag} />
    </>
  );
}
