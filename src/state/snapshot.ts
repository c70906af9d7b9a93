import { SmoothingError } from '../errors.js';
import type { Snapshot } from '../types.js';
import type { State } from '../values/smoother.js';

/** A state as a snapshot of this version of the package: a copy. */
export function snapshotOf(plan: string, own: State['scalars'], { scalars, shadows }: State): Snapshot {
  const copies = Object.entries(shadows).map(([name, array]) => [name, array.slice()] as const);
  return { version: 1, plan, scalars: { ...own, ...scalars }, shadows: Object.fromEntries(copies) };
}

/** What a snapshot holds, if it was made by this version under this plan. */
export function loadSnapshot(from: Snapshot, plan: string): State {
  if (typeof from !== 'object' || from === null) {
    throw new SmoothingError('SNAPSHOT_CORRUPT', `the snapshot must be an object, got ${String(from)}`);
  }
  if (from.version !== 1) {
    throw new SmoothingError(
      'SNAPSHOT_VERSION',
      `the snapshot must be of version 1, got ${ArrayBuffer.isView(from) ? 'bytes (see fromBytes)' : String(from.version)}`,
    );
  }
  if (from.plan !== plan) {
    throw new SmoothingError(
      'SNAPSHOT_OPTIONS',
      `the snapshot must be of the same options, got ${difference(from.plan, plan)}`,
    );
  }
  if (
    typeof from.scalars !== 'object' ||
    from.scalars === null ||
    typeof from.shadows !== 'object' ||
    from.shadows === null
  ) {
    throw new SmoothingError('SNAPSHOT_CORRUPT', 'the snapshot must be whole, got one without scalars or shadows');
  }
  return from;
}

/** The options in which two plans differ, in words. */
function difference(got: unknown, want: string): string {
  try {
    const ours = JSON.parse(want) as Record<string, unknown>;
    const theirs = JSON.parse(String(got)) as Record<string, unknown>;
    if (makerOf(ours) !== makerOf(theirs)) return `one of ${makerOf(theirs)}`;
    const names = Object.keys({ ...ours, ...theirs }).filter(
      (name) => JSON.stringify(ours[name]) !== JSON.stringify(theirs[name]),
    );
    const only = (plan: Record<string, unknown>) =>
      names
        .filter((name) => name in plan)
        .map((name) => `${name}: ${typeof plan[name] === 'string' ? plan[name] : JSON.stringify(plan[name])}`)
        .join(', ');
    return `${only(theirs)} where these have ${only(ours)}`;
  } catch {
    return 'no readable plan';
  }
}

/** Whose plan it is. */
export const makerOf = (plan: object): string =>
  'stepsPerUpdate' in plan ? 'a ModelEma' : 'stat' in plan ? 'an EwmState' : 'an Ema';
