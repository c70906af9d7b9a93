import { median } from '../harness.js';

/** One contender of the table of throughputs. */
export interface Line {
  readonly name: string;
  /** Messages a second, of every round. */
  readonly rates: readonly number[];
  readonly later: number;
  readonly perCpuSecond: number;
  readonly startMs: number;
  /** The worker's rate by this one's, of every round; null for the worker. */
  readonly ratios: readonly number[] | null;
  /** The same of messages per CPU-second, the median. */
  readonly cpuRatio: number | null;
  /** For the median ratio; null: none. */
  readonly aim: number | null;
}

const COLUMNS = [24, 22, 10, 12, 10, 22, 14, 16];

export const heading: string = row([
  '',
  'messages/s [min–max]',
  '2nd half',
  'per CPU-s',
  'start s',
  'worker/it [min–max]',
  'per CPU-s',
  'aim',
]);

export function lineOf({ name, rates, later, perCpuSecond, startMs, ratios, cpuRatio, aim }: Line): string {
  return row([
    `  ${name}`,
    spread(rates, thousands),
    thousands(later),
    thousands(perCpuSecond),
    (startMs / 1000).toFixed(1),
    ratios === null ? '' : spread(ratios, twoPlaces),
    cpuRatio === null ? '' : twoPlaces(cpuRatio),
    aim === null || ratios === null ? '' : `≥ ${aim} ${verdict(median(ratios) >= aim)}`,
  ]);
}

/** The median, and how far the rounds lie apart. */
export function spread(values: readonly number[], shown: (value: number) => string): string {
  return `${shown(median(values))} [${shown(Math.min(...values))}–${shown(Math.max(...values))}]`;
}

/** Of a half that was over at once there is no rate. */
export const thousands = (value: number): string => (Number.isFinite(value) ? `${(value / 1000).toFixed(1)} k` : '–');
export const twoPlaces = (value: number): string => value.toFixed(2);
export const verdict = (isMet: boolean): string => (isMet ? 'ok' : 'missed');

/** Cells under each other, the first at the left. */
export function row(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(COLUMNS[i]!) : cell.padStart(COLUMNS[i]!)))
    .join(' ')
    .trimEnd();
}
