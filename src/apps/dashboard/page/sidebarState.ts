import { signal, type Signal } from '@preact/signals';

/** On a narrow screen the sidebar is behind a button. */
export const isSidebarOpen: Signal<boolean> = signal(false);

/** Opens or closes it where it is behind a button. */
export function switchSidebar(): void {
  if (isSidebarOpen.peek()) return closeSidebar();
  isSidebarOpen.value = true;
  // it is hidden, and so cannot be focused, until the page has been drawn anew
  requestAnimationFrame(() => document.querySelector('aside')!.focus());
}

/** Closes it, and goes back to the button that opened it. */
export function closeSidebar(): void {
  isSidebarOpen.value = false;
  document.querySelector<HTMLElement>('.drawer-button')!.focus();
}
