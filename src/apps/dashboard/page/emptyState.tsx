import type { JSX } from 'preact';
import { chartCount, groups, runs } from './catalog.js';
import { change, chosen, status } from './model.js';

/** What to do where no chart is; null where some are. */
export function EmptyState(): JSX.Element | null {
  if (chartCount.value === 0) return <NoPoints />;
  if (groups.value.length === 0) {
    return (
      <div class="empty">
        <h2>No metric matches “{chosen.metrics.value.text}”</h2>
        <button type="button" class="button" onClick={() => change({ metrics: { text: '', pattern: false } })}>
          Show all metrics
        </button>
      </div>
    );
  }
  if (runs.value.some(({ visible }) => visible)) return null;
  return (
    <div class="empty">
      <h2>No run is shown</h2>
      <button
        type="button"
        class="button"
        onClick={() => change({ hidden: new Set(), solo: null, runs: { text: '', pattern: false } })}
      >
        Show all runs
      </button>
    </div>
  );
}

function NoPoints(): JSX.Element {
  const { ended = false, failure = null } = status.value ?? {};
  return (
    <div class="empty">
      <h2>{!ended ? 'Waiting for the first point' : `It ${failure === null ? 'ended' : 'failed'} without a point`}</h2>
      <p>
        Charts appear by themselves as soon as numbers come. Nothing has to be reloaded. If none come, look whether this
        is the folder that the training writes to:
      </p>
      <pre>
        <code>rx-ema watch runs/</code>
      </pre>
      <p>It reads CSV, JSON lines, Parquet, Arrow and TensorBoard event files, and what is appended to them.</p>
    </div>
  );
}
