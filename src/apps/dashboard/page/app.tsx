import type { JSX } from 'preact';
import { groups } from './catalog.js';
import { EmptyState } from './emptyState.js';
import { Failure } from './failure.js';
import { Group } from './group.js';
import { Header } from './header.js';
import { Help } from './help.js';
import { Problems } from './problems.js';
import { Sidebar } from './sidebar.js';
import { Toolbar } from './toolbar.js';
import { Tooltip } from './tooltip.js';

/** The page. */
export function App(): JSX.Element {
  return (
    <>
      <Header />
      <Sidebar />
      <main>
        <Toolbar />
        <Failure />
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
