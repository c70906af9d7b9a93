import type { MetricPoint } from 'rx-ema/dashboard';
import type { Message } from './fromTopic.js';
import type { Health } from './health.js';

/** The page counts the steps. */
type Point = Omit<MetricPoint, 'step'>;

const CELSIUS = 'sensors/celsius';

/** How the page is opened: by the time of day, and with all as it was measured. */
export const VIEW: string = `#smooth=half-life:0&axis=wall&chart.${CELSIUS}=wide`;

/** A message that came out, as two curves of one chart: what the sensor said, and what the worker made of it. */
export function readingPoints({ key, value, timestamp: atMs }: Message): Point[] {
  const { celsius, celsius_ema } = JSON.parse(value.toString()) as { celsius: number; celsius_ema: number };
  const sensor = key.toString();
  return [
    { run: sensor, atMs, values: { [CELSIUS]: celsius } },
    { run: `${sensor} smoothed`, atMs, values: { [CELSIUS]: celsius_ema } },
  ];
}

/** How a worker is. */
export function workerPoint(slot: number, { rate, lag, keys }: Health): Point {
  const values = { 'workers/messages a second': rate, 'workers/lag': lag, 'workers/keys': keys };
  return { run: `worker ${slot}`, atMs: Date.now(), values };
}
