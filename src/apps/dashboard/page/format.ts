import type { Axis } from './contract.js';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;
const MINUS = '\u2212';

/** A count: `1,234,567`. */
export function countText(count: number): string {
  return whole.format(count);
}

/** A measured value in six digits, without what float32 leaves behind them: `0.123457`, `1.5e-7`, `NaN`, `−∞`. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : `${MINUS}∞`;
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? short(value.toExponential(4)) : plain(value);
  return text.replace('-', MINUS).replace('e-', `e${MINUS}`);
}

/** Numbers along an axis, in as many digits as tell them apart. */
export function tickTexts(ticks: readonly (number | null)[]): string[] {
  const shown = ticks.filter((tick) => tick !== null);
  const largest = Math.max(...shown.map(Math.abs));
  const least = Math.min(
    ...shown
      .slice(1)
      .map((tick, i) => tick - shown[i]!)
      .filter((gap) => gap > 0),
  );
  return ticks.map((tick) => (tick === null ? '' : tickText(tick, largest, least)));
}

/** Seconds: `250 ms`, `12.5 s`, `3m 20s`, `2h 05m`, `4d 3h`. */
export function durationText(seconds: number): string {
  const sign = seconds < 0 ? MINUS : '';
  const s = Math.abs(seconds);
  if (s === 0) return '0 s';
  if (s < 1) return `${sign}${plain(s * 1000)} ms`;
  if (s < 60) return `${sign}${plain(s)} s`;
  if (s < 3600) return `${sign}${Math.floor(s / 60)}m ${two(s % 60)}s`;
  if (s < 86_400) return `${sign}${Math.floor(s / 3600)}h ${two((s % 3600) / 60)}m`;
  return `${sign}${Math.floor(s / 86_400)}d ${Math.floor((s % 86_400) / 3600)}h`;
}

/** The time of day, and the day if it is another one than `nowMs`'s; ms since the Unix epoch; `–` if nobody said. */
export function clockText(atMs: number, nowMs: number): string {
  if (Number.isNaN(atMs)) return '–';
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  if (at.toDateString() === now.toDateString()) return at.toLocaleTimeString('en-GB');
  return `${dayText(at)} ${at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
}

/** A round time in as few words as tell it: `22 Nov` at midnight, `14:30`, `14:30:15`. */
export function timeTickText(at: Date): string {
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()];
  if (hours + minutes + seconds === 0) return dayText(at);
  const time = `${two(hours)}:${two(minutes)}`;
  return seconds + at.getMilliseconds() === 0 ? time : `${time}:${two(seconds)}`;
}

function dayText(at: Date): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** A place on a horizontal axis in words. */
export function placeText(x: number, axis: Axis): string {
  if (axis === 'step') return `step ${countText(x)}`;
  return axis === 'relative' ? `after ${durationText(x)}` : clockText(x * 1000, Date.now());
}

function tickText(tick: number, largest: number, gap: number): string {
  if (tick === 0) return '0';
  const digits = Number.isFinite(gap) ? Math.ceil(Math.log10(largest / gap)) + 1 : 3;
  if (largest >= 1e4 || largest < 1e-3) return compact(tick, largest, Math.min(12, Math.max(1, digits)));
  const decimals = Number.isFinite(gap) ? Math.max(0, -Math.floor(Math.log10(gap) + 1e-9)) : 6;
  return trimmed(tick.toFixed(Math.min(12, decimals + 1))).replace('-', MINUS);
}

/** `25k`, `1.5M`; powers of ten where there is no letter. */
function compact(tick: number, largest: number, digits: number): string {
  const [unit, letter] = UNITS.find(([unit]) => largest >= unit && largest < 1e15) ?? [1, ''];
  if (letter !== '') return `${trimmed((tick / unit).toPrecision(Math.max(digits, 3)))}${letter}`.replace('-', MINUS);
  return short(tick.toExponential(Math.min(3, digits))).replaceAll('-', MINUS);
}

function plain(value: number): string {
  return Math.abs(value) < 1e5 ? trimmed(value.toPrecision(6)) : value.toFixed(0);
}

/** Without zeros at the end of a fraction. */
function trimmed(text: string): string {
  const number = text.includes('e') ? `${Number(text)}` : text;
  return number.includes('.') ? number.replace(/\.?0+$/, '') : number;
}

function short(exponential: string): string {
  return exponential.replace(/\.?0+e/, 'e').replace('e+', 'e');
}

function two(x: number): string {
  return `${Math.floor(x)}`.padStart(2, '0');
}
