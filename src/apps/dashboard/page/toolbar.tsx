import type { JSX } from 'preact';
import type { Axis } from './contract.js';
import { change, chosen } from './model.js';
import { SmoothingControl } from './smoothingControl.js';
import { changeAxis } from './steer.js';
import { Toggle } from './toggle.js';

const AXES: readonly (readonly [Axis, string, string])[] = [
  ['step', 'Step', 'Steps'],
  ['relative', 'Relative', 'Time since the run began'],
  ['wall', 'Wall', 'Time of day'],
];

/** How all charts are shown. */
export function Toolbar(): JSX.Element {
  const [corrected, axis] = [chosen.corrected.value, chosen.axis.value];
  return (
    <div class="toolbar" role="toolbar" aria-label="All charts">
      <div class="field smooth-all">
        <span class="caption">Smoothing</span>
        <SmoothingControl
          amount={chosen.smoothing.value}
          onChange={(smoothing) => change({ smoothing })}
          of="all charts"
        />
      </div>
      <div class="choices">
        <div class="field">
          <Toggle
            on={corrected}
            onChange={(on) => change({ corrected: on })}
            title="Divides the bias of the start at zero out of the average"
          >
            Bias correction
          </Toggle>
          {corrected ? null : (
            <span class="chip warn" role="status">
              off: averages start at 0
            </span>
          )}
          <Toggle
            on={chosen.band.value}
            onChange={(band) => change({ band })}
            title="Two standard deviations around the average"
          >
            ±2 std
          </Toggle>
        </div>
        <div class="field">
          <span class="caption">x</span>
          <div class="segments" role="group" aria-label="Horizontal axis">
            {AXES.map(([one, name, title]) => (
              <button key={one} type="button" aria-pressed={axis === one} title={title} onClick={() => changeAxis(one)}>
                {name}
              </button>
            ))}
          </div>
        </div>
        <div class="field">
          <span class="caption">Log</span>
          <div class="segments" role="group" aria-label="Logarithmic axes">
            {(['logX', 'logY'] as const).map((key) => (
              <button
                key={key}
                type="button"
                aria-pressed={chosen[key].value}
                disabled={key === 'logX' && axis === 'wall'}
                aria-label={`Logarithmic ${key === 'logX' ? 'x' : 'y'}`}
                onClick={() => change({ [key]: !chosen[key].peek() })}
              >
                {key === 'logX' ? 'x' : 'y'}
              </button>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
