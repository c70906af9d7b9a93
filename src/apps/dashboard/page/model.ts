import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Status } from '../protocol.js';
import type { Ask, ChartRequest, CurveInfo, DrawnChart, Smoothing, Tell } from './contract.js';

export const status: Signal<Status | null> = signal(null);
export const curves: Signal<readonly CurveInfo[]> = signal([]);
export const drawn: Signal<ReadonlyMap<string, DrawnChart>> = signal(new Map());
export const smoothing: Signal<Smoothing> = signal({ decay: 0.9, corrected: true, band: false });

export const tags: ReadonlySignal<readonly string[]> = computed(() =>
  [...new Set(curves.value.map(({ tag }) => tag))].sort(),
);

/** Starts the worker, and keeps it told of what is to be drawn. */
export function connect(): void {
  const worker = new Worker('worker.js', { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<Tell>) => {
    if (data.tell === 'status') status.value = data.status;
    else if (data.tell === 'curves') curves.value = data.curves;
    else if (data.tell === 'frame') drawn.value = new Map(data.charts.map((one) => [one.chart, one]));
  });
  let id = 0;
  effect(() => {
    const charts = tags.value.map((tag): ChartRequest => ({
      chart: tag,
      curves: curves.value.filter((one) => one.tag === tag).map(({ curve }) => curve),
      axis: 'step',
      range: null,
      pixels: 600,
      logX: false,
      smoothing: smoothing.value,
    }));
    worker.postMessage({ ask: 'frame', id: id++, charts } satisfies Ask);
  });
}
