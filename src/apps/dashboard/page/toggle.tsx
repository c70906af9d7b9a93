import type { ComponentChildren, JSX } from 'preact';

interface ToggleProps {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** A button that stays down. */
export function Toggle({ on, onChange, title, children }: ToggleProps): JSX.Element {
  return (
    <button type="button" class="toggle" aria-pressed={on} title={title} onClick={() => onChange(!on)}>
      {children}
    </button>
  );
}
