import type { JSX } from 'preact';
import { Chart } from './chart.js';
import { smoothing, status, tags } from './model.js';

export function App(): JSX.Element {
  return (
    <main>
      <h1>{status.value?.title ?? 'rx-ema'}</h1>
      <input
        type="range"
        min="0"
        max="0.999"
        step="0.001"
        value={smoothing.value.decay}
        onInput={(event) => (smoothing.value = { ...smoothing.value, decay: event.currentTarget.valueAsNumber })}
      />
      {tags.value.map((tag) => (
        <Chart key={tag} tag={tag} />
      ))}
    </main>
  );
}
