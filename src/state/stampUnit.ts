import { corrupt } from './saved.js';

export type StampUnit = 'SECOND' | 'MILLISECOND' | 'MICROSECOND' | 'NANOSECOND';

/** By what a stamp's unit is so many ms, as `[times, per]`. */
export const STAMP_UNITS: Readonly<Record<StampUnit, readonly [times: number, per: number]>> = {
  SECOND: [1000, 1],
  MILLISECOND: [1, 1],
  MICROSECOND: [1, 1e3],
  NANOSECOND: [1, 1e6],
};

/**
 * The unit of the stamps in a snapshot: of batches, their column's; of others, and by the clock, ms.
 *
 * @param roles - columns of batches that tell whose, when and how much, as `name: type`; null of others
 * @param time - where the plan has stamps from
 */
export function stampUnit(roles: string | null, time: unknown): StampUnit {
  if (roles === null || typeof time !== 'string') return 'MILLISECOND';
  const types = roles.split(`${time}: `).map((type) => /^(?:Timestamp|Date64)<(\w+)/.exec(type)?.[1]);
  const unit = types.find((one) => one !== undefined && Object.hasOwn(STAMP_UNITS, one));
  if (unit === undefined) throw corrupt(`no stamps in '${roles}'`);
  return unit as StampUnit;
}
