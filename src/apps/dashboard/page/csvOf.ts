import type { ExportedCurve } from './exported.js';

const HEADER = 'run,metric,step,time_ms,value,smoothed\n';
const ROWS_AT_ONCE = 1 << 14;

/** Curves one below the other, as CSV (RFC 4180): an empty cell is a time that nobody said, or a value that has no average. */
export function* csvOf(curves: Iterable<ExportedCurve>): Generator<string> {
  yield HEADER;
  for (const { run, tag, steps, times, values, smoothed } of curves) {
    const head = `${cell(run)},${cell(tag)},`;
    for (let from = 0; from < values.length; from += ROWS_AT_ONCE) {
      let text = '';
      for (let i = from; i < Math.min(from + ROWS_AT_ONCE, values.length); i++) {
        text += `${head}${steps[i]!},${known(times[i]!)},${values[i]!},${known(smoothed[i]!)}\n`;
      }
      yield text;
    }
  }
}

function known(x: number): string {
  return Number.isNaN(x) ? '' : String(x);
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
