import { WAYS } from './decay/rates.js';
import { shown, SmoothingError } from './errors.js';
import { bad, read, type OneOf } from './options.js';
import type { Rate } from './recurrence/weight.js';

/** How fast each horizon of `emaBank` forgets, in the order of the results: at least one, given in exactly one way. */
export type BankOptions = OneOf<{
  /** Each d, the weight the past keeps, in [0, 1). */
  decays: readonly number[];
  /** Steps after which a value's weight has halved, each > 0. */
  halfLives: readonly number[];
}>;

const WAYS_OF_BANK = { decays: WAYS.decay, halfLives: WAYS.halfLife };

/** User options → a rate per horizon. Throws whatever can be known now. */
export function resolveBank(options: unknown): Rate[] {
  const names = Object.keys(WAYS_OF_BANK) as (keyof typeof WAYS_OF_BANK)[];
  const given = read(options, names);
  const [name, ...more] = names.filter((way) => given[way] !== undefined);
  if (name === undefined || more.length > 0) {
    const got = name === undefined ? 'none' : [name, ...more].join(' and ');
    throw new SmoothingError('DECAY_CHOICE', `options must have exactly one of ${names.join(', ')}, got ${got}`);
  }
  const list = given[name];
  if (!Array.isArray(list) || list.length === 0) throw bad(name, 'be a list of at least one number', list);
  const way = WAYS_OF_BANK[name];
  return Array.from(list, (value: unknown, i) => {
    const rate = typeof value === 'number' ? way.rate(value) : null;
    if (rate !== null) return rate;
    throw new SmoothingError('DECAY_RANGE', `${name}[${i}] must ${way.range}, got ${shown(value)}`);
  });
}
