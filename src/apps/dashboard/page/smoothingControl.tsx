import type { JSX, TargetedEvent } from 'preact';
import { LIMITS, longestHalfLife, onScale, slid, sliderOf, typedAmount, type Amount, type Scale } from './amount.js';
import { longestCurve } from './model.js';

const NAMES: Readonly<Record<Scale, string>> = { halfLife: 'half-life', span: 'span', decay: 'decay' };
const FINENESS = 1000;

interface SmoothingControlProps {
  readonly amount: Amount;
  readonly onChange: (amount: Amount) => void;
  /** What is smoothed, for those who cannot see where this stands. */
  readonly of: string;
}

/** How much is smoothed: a slider, the exact number, and the scale that it is on. */
export function SmoothingControl({ amount, onChange, of }: SmoothingControlProps): JSX.Element {
  const longest = longestHalfLife(longestCurve.value);
  const position = Math.round(sliderOf(amount, longest) * FINENESS);
  const typed = (event: TargetedEvent<HTMLInputElement>): void => {
    const changed = typedAmount(amount.scale, event.currentTarget.value);
    if (changed !== null) onChange(changed);
  };
  const settle = (event: TargetedEvent<HTMLInputElement>): void => {
    event.currentTarget.value = `${amount.value}`;
  };
  const text = amount.value === LIMITS[amount.scale][0] ? 'off' : `${NAMES[amount.scale]} ${amount.value}`;
  return (
    <div class="smoothing">
      <input
        type="range"
        min="0"
        max={FINENESS}
        step="1"
        value={position}
        aria-label={`Smoothing of ${of}`}
        aria-valuetext={text}
        onInput={(event) => onChange(slid(event.currentTarget.valueAsNumber / FINENESS, amount.scale, longest))}
      />
      <input
        class="number"
        type="text"
        inputMode="decimal"
        value={`${amount.value}`}
        aria-label={`${NAMES[amount.scale]} of ${of}`}
        onInput={typed}
        onBlur={settle}
      />
      <select
        value={amount.scale}
        aria-label={`Scale of the smoothing of ${of}`}
        onChange={(event) => onChange(onScale(amount, event.currentTarget.value as Scale))}
      >
        {(Object.keys(NAMES) as Scale[]).map((scale) => (
          <option key={scale} value={scale}>
            {NAMES[scale]}
          </option>
        ))}
      </select>
    </div>
  );
}
