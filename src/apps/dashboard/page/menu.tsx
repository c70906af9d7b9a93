import type { ComponentChildren, JSX, TargetedToggleEvent } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface MenuProps {
  /** What the button is called, where its content says less. */
  readonly label: string;
  readonly button: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

const EDGE_PX = 8;

/** A button, and what it opens beside itself until a click elsewhere or Escape. */
export function Menu({ label, button, class: name = 'icon-button', children }: MenuProps): JSX.Element {
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const place = (event: TargetedToggleEvent<HTMLElement>): void => {
    if (event.newState !== 'open') return;
    const panel = event.currentTarget;
    const { right, bottom, top } = opener.current!.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = panel;
    const below = bottom + 4 + offsetHeight + EDGE_PX < innerHeight;
    panel.style.left = `${Math.max(EDGE_PX, Math.min(right - offsetWidth, innerWidth - offsetWidth - EDGE_PX))}px`;
    panel.style.top = `${below ? bottom + 4 : Math.max(EDGE_PX, top - 4 - offsetHeight)}px`;
  };
  return (
    <>
      <button ref={opener} type="button" class={name} aria-label={label} title={label} popovertarget={id}>
        {button}
      </button>
      <div id={id} popover="auto" class="menu" role="group" aria-label={label} onToggle={place}>
        {children}
      </div>
    </>
  );
}

/** Closes the menu that a button stands in. */
export function closeMenu(event: { readonly currentTarget: Element }): void {
  event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
}
