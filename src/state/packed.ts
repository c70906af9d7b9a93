import { shown } from '../errors.js';
import { corrupt, isObject } from './snapshotFormat.js';

/** A scalar of a snapshot as JSON keeps it bit for bit: it has no NaN, no infinities, and drops the sign of zero. */
export function packed(value: number | string): unknown {
  if (typeof value === 'string') return value;
  return Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? '-0' : `${value}` };
}

/** The scalar that `packed` packed. Throws `SNAPSHOT_CORRUPT` for anything else. */
export function unpacked(name: string, value: unknown): number | string {
  if (typeof value === 'string' || typeof value === 'number') return value;
  const text = isObject(value) ? value['number'] : undefined;
  if (typeof text !== 'string' || !['NaN', 'Infinity', '-Infinity', '-0'].includes(text)) {
    throw corrupt(`scalars that are numbers or strings, got ${shown(value)} for '${name}'`);
  }
  return Number(text);
}
