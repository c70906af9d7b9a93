import { powerDecay } from '../../../decay/powerDecay.js';
import { rampDecay } from '../../../decay/rampDecay.js';
import { SmoothingError } from '../../../errors.js';
import { resolveModelEma, type ModelEmaOptions } from '../../../modelOptions.js';
import type { SafetensorsArray } from '../../../state/safetensorsDtypes.js';
import { UsageError } from '../usageError.js';
import type { WeightsOptions } from './weights.js';

/** How a ModelEma forgets over a training step. */
export type Forgetting = Pick<ModelEmaOptions<SafetensorsArray>, 'decay' | 'alpha' | 'halfLife' | 'tau'>;

const WAYS = {
  decay: '--decay',
  alpha: '--alpha',
  halfLife: '--half-life',
  tau: '--tau',
  sigmaRel: '--sigma-rel',
} as const;

/**
 * The one way to forget that was asked for.
 *
 * @throws UsageError if there are none or several, or one is out of range
 */
export function forgetting(options: WeightsOptions): Forgetting {
  const ways = (Object.keys(WAYS) as (keyof typeof WAYS)[]).filter((way) => options[way] !== undefined);
  const [way, ...more] = ways;
  if (way === undefined || more.length > 0) {
    const got = ways.map((one) => WAYS[one]).join(' and ') || 'none';
    throw new UsageError(`there must be exactly one of ${Object.values(WAYS).join(', ')}, got ${got}`);
  }
  const { ramp } = options;
  if (ramp !== undefined && way !== 'decay') throw new UsageError(`--ramp must come with --decay, got ${WAYS[way]}`);
  try {
    const forget = forgettingBy(way, options[way]!, ramp);
    resolveModelEma(forget);
    return forget;
  } catch (error) {
    if (!(error instanceof SmoothingError)) throw error;
    const message = error.message.replace(', or a schedule', '').replace('tau of rampDecay', '--ramp');
    throw new UsageError(message.replace(' of rampDecay', '').replace(way, WAYS[way]));
  }
}

function forgettingBy(way: keyof typeof WAYS, value: number, ramp: number | undefined): Forgetting {
  if (way === 'sigmaRel') return { decay: powerDecay({ sigmaRel: value }) };
  if (ramp !== undefined) return { decay: rampDecay({ decay: value, tau: ramp }) };
  return { [way]: value };
}
