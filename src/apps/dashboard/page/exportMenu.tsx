import type { JSX } from 'preact';
import { decayOf } from './amount.js';
import { amountOf } from './chartState.js';
import { runByName } from './catalog.js';
import type { ExportFormat } from './contract.js';
import { Icon } from './icons.js';
import { ask } from './link.js';
import { closeMenu, Menu } from './menu.js';
import { chosen, curves } from './model.js';

/** Saves all scalars of all runs, raw and smoothed, each as its chart says. */
export function ExportMenu(): JSX.Element {
  return (
    <Menu label="Export all scalars" button={<Icon name="download" />}>
      <p class="menu-title">All scalars, raw and smoothed</p>
      <Item format="csv" name="CSV" />
      <Item format="arrow" name="Arrow" />
    </Menu>
  );
}

function Item({ format, name }: { readonly format: ExportFormat; readonly name: string }): JSX.Element {
  return (
    <button
      type="button"
      onClick={(event) => {
        exportAll(format);
        closeMenu(event);
      }}
    >
      {name}
    </button>
  );
}

function exportAll(format: ExportFormat): void {
  const corrected = chosen.corrected.peek();
  const all = curves.peek().map(({ curve, run, tag }) => ({
    curve,
    run: runByName.peek().get(run)?.name ?? run,
    smoothing: { decay: decayOf(amountOf(tag)), corrected, band: false },
  }));
  ask({ ask: 'export', format, curves: all });
}
