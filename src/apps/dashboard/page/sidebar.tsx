import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Runs } from './runs.js';

/** On a narrow screen it is behind a button. */
const isOpen = signal(false);

/** What stands beside the charts. */
export function Sidebar(): JSX.Element {
  return (
    <div class={isOpen.value ? 'sheet open' : 'sheet'} onKeyDown={({ key }) => key === 'Escape' && close()}>
      <div class="veil" onClick={close} />
      <aside aria-label="Runs" tabIndex={-1}>
        <Runs />
      </aside>
    </div>
  );
}

/** Opens or closes it where it is behind a button. */
export function switchSidebar(): void {
  isOpen.value = !isOpen.peek();
  // it is hidden, and so cannot be focused, until the page has been drawn anew
  if (isOpen.peek()) requestAnimationFrame(() => document.querySelector('aside')!.focus());
}

function close(): void {
  isOpen.value = false;
  document.querySelector<HTMLElement>('.drawer-button')!.focus();
}
