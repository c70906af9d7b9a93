import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Theme } from './palette.js';

const KEY = 'rx-ema-theme';

/** What the system asks for. */
const system: Signal<Theme> = signal('light');
/** What the reader asks for; null to go with the system. */
const own: Signal<Theme | null> = signal(null);

/** The theme that is seen. */
export const theme: ReadonlySignal<Theme> = computed(() => own.value ?? system.value);

/** Changes to the other theme, and remembers it unless it is the system's. */
export function switchTheme(): void {
  const next = theme.peek() === 'dark' ? 'light' : 'dark';
  own.value = next === system.peek() ? null : next;
  try {
    if (own.value === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, own.value);
  } catch {
    // a browser that keeps nothing: it is for this visit, then
  }
}

/** Follows the system, and has the page follow. */
export function startTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const follow = (): void => void (system.value = dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', follow);
  follow();
  own.value = remembered();
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
  });
}

function remembered(): Theme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : null;
  } catch {
    return null;
  }
}
