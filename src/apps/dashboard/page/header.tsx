import type { JSX } from 'preact';
import { metricMatcher } from './catalog.js';
import { ExportMenu } from './exportMenu.js';
import { Icon } from './icons.js';
import { change, chosen, status } from './model.js';
import { openHelp } from './help.js';
import { SearchBox } from './searchBox.js';
import { switchSidebar } from './sidebarState.js';
import { StatusPill } from './statusPill.js';
import { switchTheme, theme } from './theme.js';

/** The top of the page. */
export function Header(): JSX.Element {
  const title = status.value?.title ?? 'rx-ema';
  return (
    <header class="top">
      <button type="button" class="icon-button drawer-button" aria-label="Runs" title="Runs" onClick={switchSidebar}>
        <Icon name="menu" />
      </button>
      <h1 title={title}>{title}</h1>
      <StatusPill />
      <SearchBox
        label="Search metrics"
        shortcut="/"
        search={chosen.metrics.value}
        wrong={metricMatcher.value.wrong}
        onChange={(metrics) => {
          change({ metrics });
          scrollTo({ top: 0 }); // what is found begins there
        }}
      />
      <div class="actions">
        <ExportMenu />
        <button
          type="button"
          class="icon-button"
          aria-label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          title={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          onClick={switchTheme}
        >
          <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} />
        </button>
        <button type="button" class="icon-button" aria-label="Help" title="Help (?)" onClick={openHelp}>
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}
