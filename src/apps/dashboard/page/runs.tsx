import type { JSX } from 'preact';
import { listedRuns, runMatcher, runs } from './catalog.js';
import { change, chosen } from './model.js';
import { Icon } from './icons.js';
import { RunRow } from './runRow.js';
import { SearchBox } from './searchBox.js';
import { closeSidebar } from './sidebarState.js';

/** The list of runs. */
export function Runs(): JSX.Element {
  const [all, listed] = [runs.value, listedRuns.value];
  const visible = all.filter((run) => run.visible).length;
  return (
    <section class="runs" aria-labelledby="runs-title">
      <header>
        <h2 id="runs-title">Runs</h2>
        <span class="count">{visible === all.length ? all.length : `${visible} of ${all.length}`}</span>
        <button type="button" class="text-button" onClick={() => change({ hidden: new Set(), solo: null })}>
          All
        </button>
        <button
          type="button"
          class="text-button"
          onClick={() => change({ hidden: new Set(all.map(({ run }) => run)), solo: null })}
        >
          None
        </button>
        <button type="button" class="icon-button small drawer-close" aria-label="Close runs" onClick={closeSidebar}>
          <Icon name="close" />
        </button>
      </header>
      <SearchBox
        label="Search runs"
        search={chosen.runs.value}
        wrong={runMatcher.value.wrong}
        onChange={(search) => change({ runs: search })}
      />
      <ul>
        {listed.map((run) => (
          <RunRow key={run.run} run={run} />
        ))}
      </ul>
      {listed.length === 0 && all.length > 0 ? <p class="quiet">No run is called so.</p> : null}
    </section>
  );
}
