import type { JSX } from 'preact';
import { amountOf, logsOf } from './chartState.js';
import { Icon } from './icons.js';
import { closeMenu, Menu } from './menu.js';
import { changeChart, chartView, chosen } from './model.js';
import { savePng, saveSvg } from './picture.js';
import { SmoothingControl } from './smoothingControl.js';
import { Toggle } from './toggle.js';

/** What one chart shows otherwise than all do, and pictures of it. */
export function ChartMenu({ tag }: { readonly tag: string }): JSX.Element {
  return (
    <Menu label={`Settings of ${tag}`} class="icon-button small" button={<Icon name="more" />}>
      <Settings tag={tag} />
    </Menu>
  );
}

function Settings({ tag }: { readonly tag: string }): JSX.Element {
  const own = chartView(tag);
  const logs = logsOf(tag);
  const isOwn = own.smoothing !== undefined || own.logX !== undefined || own.logY !== undefined;
  const picture = (name: string, save: (tag: string) => unknown): JSX.Element => (
    <button
      type="button"
      onClick={(event) => {
        save(tag);
        closeMenu(event);
      }}
    >
      {name}
    </button>
  );
  return (
    <>
      <p class="menu-title">Smoothing of this chart</p>
      <SmoothingControl amount={amountOf(tag)} onChange={(smoothing) => changeChart(tag, { smoothing })} of={tag} />
      <div class="menu-row">
        <Toggle
          on={logs.logX}
          onChange={(on) => changeChart(tag, { logX: on === chosen.logX.peek() ? undefined : on })}
        >
          Log x
        </Toggle>
        <Toggle
          on={logs.logY}
          onChange={(on) => changeChart(tag, { logY: on === chosen.logY.peek() ? undefined : on })}
        >
          Log y
        </Toggle>
        <button
          type="button"
          class="text-button"
          disabled={!isOwn}
          onClick={() => changeChart(tag, { smoothing: undefined, logX: undefined, logY: undefined })}
        >
          As all charts
        </button>
      </div>
      <hr />
      {picture('Save as SVG', saveSvg)}
      {picture('Save as PNG', savePng)}
    </>
  );
}
