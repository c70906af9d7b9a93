import type { JSX } from 'preact';
import { Icon } from './icons.js';
import { status } from './model.js';

/** Why nothing comes any more, if that is because the stream failed; it stays. */
export function Failure(): JSX.Element | null {
  const failure = status.value?.failure ?? null;
  if (failure === null) return null;
  return (
    <section class="problems failure" role="alert" aria-label="Failure">
      <Icon name="warn" />
      <p>
        <b>The stream failed:</b> {failure}
      </p>
    </section>
  );
}
