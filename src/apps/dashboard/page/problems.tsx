import { signal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from './icons.js';
import { failures, status } from './model.js';

const dismissed: Signal<ReadonlySet<string>> = signal(new Set());
const MOST = 4;

/** What could not be read, until somebody says that they know. */
export function Problems(): JSX.Element | null {
  const all = [...new Set([...(status.value?.problems ?? []), ...failures.value])];
  const open = all.filter((one) => !dismissed.value.has(one));
  if (open.length === 0) return null;
  return (
    <section class="problems" role="alert" aria-label="Problems">
      <Icon name="warn" />
      <ul>
        {open.slice(-MOST).map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
        {open.length > MOST ? <li>and {open.length - MOST} more</li> : null}
      </ul>
      <button
        type="button"
        class="icon-button small"
        aria-label="Dismiss problems"
        title="Dismiss"
        onClick={() => (dismissed.value = new Set(all))}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}
