import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

interface MenuProps {
  /** What the button is called, where its content says less. */
  readonly label: string;
  readonly button: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

const AWAY_PX = 4;

/** A button, and what it opens beside itself until a click elsewhere or Escape. */
export function Menu({ label, button, class: name = 'icon-button', children }: MenuProps): JSX.Element {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const toggle = (opens: boolean): void => {
    if (opens) place(panel.current!.style, opener.current!.getBoundingClientRect());
    setOpen(opens);
  };
  return (
    <>
      <button ref={opener} type="button" class={name} aria-label={label} title={label} popovertarget={id}>
        {button}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        class="menu"
        role="group"
        aria-label={label}
        onBeforeToggle={({ newState }) => toggle(newState === 'open')}
      >
        {isOpen ? children : null}
      </div>
    </>
  );
}

/** Closes the menu that a button stands in. */
export function closeMenu(event: { readonly currentTarget: Element }): void {
  event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
}

/** Below the button, or above it in the lower half of the window; their right edges in line. */
function place(style: CSSStyleDeclaration, { top, right, bottom }: DOMRect): void {
  const isHigh = top < innerHeight / 2;
  style.right = `${innerWidth - right}px`;
  style.top = isHigh ? `${bottom + AWAY_PX}px` : 'auto';
  style.bottom = isHigh ? 'auto' : `${innerHeight - top + AWAY_PX}px`;
}
