import { WAYS } from './decay/rates.js';
import { shown, SmoothingError } from './errors.js';
import { bankLaw } from './kernels/bankRows.js';
import { bad, read, resolveEma, type No, type OneOf, type Plan } from './options.js';
import type { Rate } from './recurrence/weight.js';
import type { BatchLike } from './types.js';

/** How fast each horizon of `emaBank` forgets, in the order of the results: at least one, given in exactly one way. */
type Horizons = OneOf<{
  /** Each d, the weight the past keeps, in [0, 1). */
  decays: readonly number[];
  /** Steps after which a value's weight has halved, each > 0. */
  halfLives: readonly number[];
}>;

/** What to do with the columns of record batches. */
interface BankColumns {
  /** What to smooth. @default every floating column */
  columns?: readonly string[];
  /**
   * What the column of an average is called; `horizon` is the number given in `decays` or `halfLives`.
   * @default `${column}_ema_${horizon}`
   */
  as?: (column: string, horizon: number) => string;
}

/** Options of `emaBank` that fit any stream. */
export type PlainBankOptions = Horizons & No<BankColumns>;
/** Options of `emaBank` for values of type `T`. */
export type BankOptions<T = number> = Horizons & (T extends BatchLike ? BankColumns : No<BankColumns>);

/** What a bank needs to know, checked once. */
export interface BankPlan {
  /** In the order given, as are the numbers they were given by. */
  readonly rates: readonly Rate[];
  readonly horizons: readonly number[];
  readonly as: (column: string, horizon: number) => string;
  /** Of batches: its law takes all horizons. */
  readonly plan: Plan;
}

const WAYS_OF_BANK = { decays: WAYS.decay, halfLives: WAYS.halfLife };

/** User options → a plan. Throws whatever can be known now. */
export function resolveBank(options: unknown): BankPlan {
  const names = Object.keys(WAYS_OF_BANK) as (keyof typeof WAYS_OF_BANK)[];
  const given = read(options, [...names, 'columns', 'as']);
  const [name, ...more] = names.filter((way) => given[way] !== undefined);
  if (name === undefined || more.length > 0) {
    const got = name === undefined ? 'none' : [name, ...more].join(' and ');
    throw new SmoothingError('DECAY_CHOICE', `options must have exactly one of ${names.join(', ')}, got ${got}`);
  }
  const list = given[name];
  if (!Array.isArray(list) || list.length === 0) throw bad(name, 'be a list of at least one number', list);
  const way = WAYS_OF_BANK[name];
  const horizons = Array.from(list as readonly number[]);
  const rates = horizons.map((value: unknown, i) => {
    const rate = typeof value === 'number' ? way.rate(value) : null;
    if (rate !== null) return rate;
    throw new SmoothingError('DECAY_RANGE', `${name}[${i}] must ${way.range}, got ${shown(value)}`);
  });
  const { columns, as } = given;
  return {
    rates,
    horizons,
    as: (as as BankPlan['as'] | undefined) ?? ((column, horizon) => `${column}_ema_${horizon}`),
    plan: { ...resolveEma({ decay: 0, columns, as }), as: null, law: bankLaw(rates) },
  };
}
