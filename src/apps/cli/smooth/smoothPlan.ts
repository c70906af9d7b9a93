import { emaScan } from '../../../../operators/emaScan.js';
import { SmoothingError } from '../../../errors.js';
import type { PlainOptions } from '../../../options.js';
import { isTimeName } from '../../axisColumns.js';
import { STEP_FLAGS } from '../stepFlags.js';
import { UsageError } from '../usageError.js';
import type { SmoothFlags, TimeUnit } from './smoothFlags.js';

/** What is to be done to the columns. */
export interface SmoothPlan {
  /** How fast to forget, as `emaScan` takes it. */
  readonly forget: Readonly<Record<string, number>>;
  /** The same for people. @param isDated - the time is no number, and so has no unit */
  readonly said: (isDated: boolean) => string;
  readonly by: string | null;
  readonly time: string | null;
  readonly timeUnit: TimeUnit;
  /** Null: to be chosen. */
  readonly columns: readonly string[] | null;
  readonly raw: boolean;
  readonly append: boolean;
}

const CLOCK = { halfLifeMs: '--half-life-ms', tauMs: '--tau-ms' } as const;
const WAYS = { ...STEP_FLAGS, ...CLOCK };
const HALF_LIFE = 50;
/** Seconds are what TensorBoard, Weights & Biases and Python's `time.time()` give. */
const SECONDS = /^(wall[_ ]?time|_?timestamp|_?runtime|created_at)$/i;

/** @throws UsageError for flags that make no sense together, or are out of range */
export function smoothPlan(flags: SmoothFlags): SmoothPlan {
  const { by = null, time = null, columns = null, raw = false, append = false } = flags;
  const { way, value, isDefault } = wayOf(flags);
  const isClock = way in CLOCK;
  if (isClock && time === null) throw new UsageError(`${WAYS[way]} must come with --time, got none`);
  if (!isClock && time !== null) {
    throw new UsageError(`--time must come with --half-life-ms or --tau-ms${isDefault ? '' : `, got ${WAYS[way]}`}`);
  }
  if (time === null && flags.timeUnit !== undefined)
    throw new UsageError('--time-unit must come with --time, got none');
  const role = columns?.find((name) => name === by || name === time);
  if (role !== undefined) throw new UsageError(`--columns must not name what --by and --time name, got '${role}'`);
  check({ [way]: value }, columns);
  const timeUnit = flags.timeUnit ?? (time !== null && isTimeName(time) && SECONDS.test(time) ? 's' : 'ms');
  const unit = way === 'decay' || way === 'alpha' ? '' : ' rows';
  const keys = by === null ? '' : `, for each ${by}`;
  const how = `${WAYS[way].slice(2)} ${value}`;
  const said = (isDated: boolean): string => {
    if (isClock) return `${how} by ${time}${isDated ? '' : ` in ${timeUnit}`}${keys}`;
    return `${how}${unit}${isDefault ? ' as nothing else was said' : ''}${keys}`;
  };
  return { forget: { [way]: value }, said, by, time, timeUnit, columns, raw, append };
}

function wayOf(flags: SmoothFlags): { way: keyof typeof WAYS; value: number; isDefault: boolean } {
  const ways = (Object.keys(WAYS) as (keyof typeof WAYS)[]).filter((way) => flags[way] !== undefined);
  if (ways.length > 1) {
    const got = ways.map((way) => WAYS[way]).join(' and ');
    throw new UsageError(`there must be one of ${Object.values(WAYS).join(', ')} at most, got ${got}`);
  }
  const [way] = ways;
  if (way === undefined) return { way: 'halfLife', value: HALF_LIFE, isDefault: true };
  return { way, value: flags[way]!, isDefault: false };
}

/** Lets the operator say what is wrong, with the flags' names. */
function check(forget: Readonly<Record<string, number>>, columns: readonly string[] | null): void {
  try {
    emaScan({ ...forget, ...(columns && { columns }) } as unknown as PlainOptions);
  } catch (error) {
    if (!(error instanceof SmoothingError)) throw error;
    const [, name, rest] = /^(\w+)( .*)$/.exec(error.message.replace(', or a schedule', '')) ?? [];
    throw new UsageError(
      `${name === undefined ? '' : (WAYS[name as keyof typeof WAYS] ?? `--${name}`)}${rest ?? error.message}`,
    );
  }
}
