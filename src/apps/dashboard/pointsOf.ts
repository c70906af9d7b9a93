import { shown, SmoothingError } from '../../errors.js';
import { KnownAxes } from '../runs/knownAxes.js';
import { wallMs } from '../runs/wallMs.js';
import type { MetricPoint } from './point.js';

/** Whose a value is that does not say it. */
const RUN = 'run';
/** What a plain number is called. */
const TAG = 'value';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Brings what users have into one shape: numbers, points, steps of `fromFit`, scalars of `fromTfevents`, flat records.
 *
 * @param now - when a value arrives that does not say when it was measured, ms since the Unix epoch
 * @returns a function that takes one value and throws SmoothingError `VALUE_KIND`; it counts the values of each run that have
 *   no step of their own
 */
export function pointsOf(now: () => number = Date.now): (value: unknown) => MetricPoint {
  const known = new KnownAxes();
  const counts = new Map<string, number>();
  const counted = (run: string): number => {
    const count = (counts.get(run) ?? 0) + 1;
    counts.set(run, count);
    return count;
  };
  return (value) => {
    if (typeof value === 'number') return { run: RUN, step: counted(RUN), atMs: now(), values: { [TAG]: value } };
    if (typeof value !== 'object' || value === null || isList(value)) throw unknownKind(value);
    const fields = value as Fields;
    const run = runOf(fields);
    const named = namedValues(fields);
    if (named !== null)
      return { run, step: stepOf(fields, 'step') ?? counted(run), atMs: timeOf(fields, now), values: named };
    const { step, time, metrics } = known.of(fields);
    const values = flatValues(fields, metrics);
    if (values === null) throw unknownKind(value);
    return { run, step: stepOf(fields, step) ?? counted(run), atMs: timeOf(fields, now, time), values };
  };
}

/** Numbers, but without names. */
function isList(value: object): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function runOf({ run }: Fields): string {
  return typeof run === 'number' || (typeof run === 'string' && run !== '') ? String(run) : RUN;
}

/** Of what has its metrics in a field, or is one of them. */
function namedValues({ values, logs, tag, value }: Fields): MetricPoint['values'] | null {
  const record = values ?? logs;
  if (typeof record === 'object' && record !== null) return record as MetricPoint['values'];
  return typeof tag === 'string' && typeof value === 'number' ? Object.fromEntries([[tag, value]]) : null;
}

function flatValues(fields: Fields, metrics: readonly string[]): MetricPoint['values'] | null {
  if (typeof fields['tag'] === 'string') return null;
  const names = metrics.filter((name) => typeof fields[name] === 'number' && name !== 'run' && name !== 'atMs');
  return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, fields[name] as number]));
}

/** Undefined if nothing says it. */
function stepOf(fields: Fields, name: string | null): number | undefined {
  const step = name === null ? undefined : fields[name];
  if (step === undefined || step === null) return undefined;
  if (Number.isFinite(step)) return step as number;
  throw new SmoothingError('VALUE_KIND', `${name} must be a finite number, got ${shown(step)}`);
}

function timeOf(fields: Fields, now: () => number, name: string | null = null): number {
  const { atMs } = fields;
  if (typeof atMs === 'number') return Number.isFinite(atMs) ? atMs : NaN;
  const time = name === null ? NaN : wallMs(fields[name]);
  return Number.isNaN(time) ? now() : time;
}

function unknownKind(value: unknown): SmoothingError {
  const kinds =
    'a number, a record of numbers, { run, step, atMs, values }, a step of fromFit or a scalar of fromTfevents';
  return new SmoothingError('VALUE_KIND', `a value on the dashboard must be ${kinds}, got ${shown(value)}`);
}
