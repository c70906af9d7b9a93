import type { JSX } from 'preact';
import { Runs } from './runs.js';
import { closeSidebar, isSidebarOpen } from './sidebarState.js';

/** What stands beside the charts. */
export function Sidebar(): JSX.Element {
  const isOpen = isSidebarOpen.value;
  return (
    <div class={isOpen ? 'sheet open' : 'sheet'} onKeyDown={({ key }) => isOpen && key === 'Escape' && closeSidebar()}>
      <div class="veil" onClick={closeSidebar} />
      <aside aria-label="Runs" tabIndex={-1}>
        <Runs />
      </aside>
    </div>
  );
}
