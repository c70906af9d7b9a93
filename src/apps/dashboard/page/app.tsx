import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { groups } from './catalog.js';
import { EmptyState } from './emptyState.js';
import { Group } from './group.js';
import { Header } from './header.js';
import { Help } from './help.js';
import { Problems } from './problems.js';
import { Runs } from './runs.js';
import { Toolbar } from './toolbar.js';
import { Tooltip } from './tooltip.js';

/** On a narrow screen runs are behind a button. */
const drawer = signal(false);

/** The page. */
export function App(): JSX.Element {
  const close = (): void => void (drawer.value = false);
  return (
    <>
      <Header onRuns={() => (drawer.value = !drawer.peek())} />
      <div class={drawer.value ? 'sheet open' : 'sheet'} onKeyDown={({ key }) => key === 'Escape' && close()}>
        <div class="veil" onClick={close} />
        <aside aria-label="Runs">
          <Runs />
        </aside>
      </div>
      <main>
        <Toolbar />
        <Problems />
        <EmptyState />
        {groups.value.map((group) => (
          <Group key={group.prefix} {...group} />
        ))}
        <Tooltip />
      </main>
      <Help />
    </>
  );
}
