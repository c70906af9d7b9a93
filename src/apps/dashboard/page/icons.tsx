import type { JSX } from 'preact';

const PATHS = {
  menu: 'M4 6h16M4 12h16M4 18h16',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l4.5 4.5',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M4.5 11.5v1M12 11.5v1M19.5 11.5v1',
  down: 'M6 9l6 6 6-6',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5',
  help: 'M9.2 9a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.2-1.5 2.3M12 17.5h.01',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  only: 'M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14M12 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2',
  wide: 'M4 9V4h5M20 15v5h-5M4 4l6 6M20 20l-6-6',
  narrow: 'M10 5v5H5M14 19v-5h5M10 10 4 4M14 14l6 6',
  reset: 'M4 5v5h5M4.6 10a8 8 0 1 1-.4 4',
  warn: 'M12 4 2.8 20h18.4zM12 10v4.5M12 17.3h.01',
} as const;

/** A drawn sign; words go beside it, or on what holds it. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
