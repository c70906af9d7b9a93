import { shown, SmoothingError } from '../../errors.js';
import { isAxisName, isStepName, isTimeName } from '../axisColumns.js';
import type { MetricPoint } from './point.js';

/** Whose a value is that does not say it. */
const RUN = 'run';
/** What a plain number is called. */
const TAG = 'value';
/** As ms since the Unix epoch in 1973, as seconds in the year 5138: what is less is seconds. */
const LEAST_MS = 1e11;
/** As seconds in 1973: what is less counts from some other start. */
const LEAST_SECONDS = 1e8;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Brings what users have into one shape: numbers, points, steps of `fromFit`, scalars of `fromTfevents`, flat records.
 *
 * @param now - when a value arrives that does not say when it was measured, ms since the Unix epoch
 * @returns a function that takes one value and throws SmoothingError `VALUE_KIND`; it counts the values of each run that have
 *   no step of their own
 */
export function pointsOf(now: () => number = Date.now): (value: unknown) => MetricPoint {
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
    const values = valuesOf(fields);
    if (values === null) throw unknownKind(value);
    return { run, step: stepOf(fields) ?? counted(run), atMs: timeOf(fields) ?? now(), values };
  };
}

/** Numbers, but without names. */
function isList(value: object): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function runOf({ run }: Fields): string {
  return typeof run === 'string' || typeof run === 'number' ? String(run) : RUN;
}

function valuesOf(fields: Fields): MetricPoint['values'] | null {
  const { values, logs, tag, value } = fields;
  const nested = values ?? logs;
  if (typeof nested === 'object' && nested !== null) return nested as MetricPoint['values'];
  if (typeof tag === 'string') return typeof value === 'number' ? Object.fromEntries([[tag, value]]) : null;
  const names = Object.keys(fields).filter((name) => typeof fields[name] === 'number' && roleOf(name) === 'metric');
  const own = names.filter((name) => name !== 'run' && name !== 'atMs');
  return own.length === 0
    ? null
    : (Object.fromEntries(own.map((name) => [name, fields[name]])) as MetricPoint['values']);
}

/** Undefined if nothing says it: an epoch and a batch, each beginning anew, don't. */
function stepOf(fields: Fields): number | undefined {
  const given = fields['step'];
  if (given !== undefined && given !== null) {
    if (Number.isFinite(given)) return given as number;
    throw new SmoothingError('VALUE_KIND', `step must be a finite number, got ${shown(given)}`);
  }
  const names = Object.keys(fields).filter((name) => roleOf(name) === 'step' && Number.isFinite(fields[name]));
  const name = names.find((one) => !/epoch|batch/i.test(one)) ?? (names.length === 1 ? names[0]! : null);
  return name === null ? undefined : (fields[name] as number);
}

function timeOf(fields: Fields): number | undefined {
  const { atMs } = fields;
  if (typeof atMs === 'number') return Number.isFinite(atMs) ? atMs : NaN;
  const name = Object.keys(fields).find((one) => roleOf(one) === 'time');
  const time = name === undefined ? undefined : fields[name];
  if (time instanceof Date) return time.getTime();
  if (typeof time !== 'number' || !(time >= LEAST_SECONDS)) return undefined;
  return time >= LEAST_MS ? time : time * 1000;
}

type Role = 'step' | 'time' | 'key' | 'metric';
const roles = new Map<string, Role>();

/** What a field is by its name. */
function roleOf(name: string): Role {
  let role = roles.get(name);
  if (role === undefined) {
    role = isStepName(name) ? 'step' : isTimeName(name) ? 'time' : isAxisName(name) ? 'key' : 'metric';
    roles.set(name, role);
  }
  return role;
}

function unknownKind(value: unknown): SmoothingError {
  const kinds =
    'a number, a record of numbers, { run, step, atMs, values }, a step of fromFit or a scalar of fromTfevents';
  return new SmoothingError('VALUE_KIND', `a value on the dashboard must be ${kinds}, got ${shown(value)}`);
}
