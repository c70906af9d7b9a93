import { effect } from '@preact/signals';
import { view } from './model.js';
import { decodeView, encodeView } from './viewInUrl.js';

const EVERY_MS = 200;

/** Has the address say what is seen, and the page show what the address says. */
export function startAddress(): void {
  let written = location.hash;
  view.value = decodeView(written);
  addEventListener('hashchange', () => {
    if (location.hash === written) return;
    written = location.hash;
    view.value = decodeView(written);
  });
  let timer: ReturnType<typeof setTimeout> | null = null;
  effect(() => {
    void view.value;
    timer ??= setTimeout(() => {
      timer = null;
      if (location.hash !== written) return; // it has just been pasted in, and is heard of next
      const hash = encodeView(view.peek());
      history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`);
      written = location.hash;
    }, EVERY_MS);
  });
}
