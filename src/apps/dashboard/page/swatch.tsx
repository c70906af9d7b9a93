import type { JSX } from 'preact';
import type { Style } from './palette.js';

interface SwatchProps {
  readonly style: Pick<Style, 'color' | 'dash'>;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/** A piece of a run's line, in its colour and its dashes. */
export function Swatch({ style, width, height }: SwatchProps): JSX.Element {
  return (
    <svg class="swatch" width={width} height={height} aria-hidden="true">
      <path
        d={`M0 ${height / 2}H${width}`}
        stroke={style.color}
        stroke-width={height}
        stroke-dasharray={style.dash.length === 0 ? undefined : style.dash.join(' ')}
      />
    </svg>
  );
}
