import { WAYS, type Way } from './decay/rates.js';
import { lnOverOf, type DecaySchedule } from './decay/schedule.js';
import { shown } from './errors.js';
import type { Rate, Start } from './recurrence/weight.js';
import { bad, choice, read, resolveRates, type OneOf, type Plan, type Rates, type Steps } from './options.js';
import { PRESETS, type Preset } from './values/presets.js';

/** Options of `modelEma` and `ModelEma`. Here decay 1 (freeze) is allowed. */
export type ModelEmaOptions<W> = OneOf<Pick<Steps, 'decay' | 'alpha' | 'halfLife' | 'tau'>> & {
  /**
   * What to do with a weight: `'average'` it, `'copy'` its latest value, or `'ignore'` it (it stays out of the shadow).
   * Asked once per name. Or the name of a library whose rule it is:
   *
   * - `'yolov5'`: floats are averaged, the rest is ignored
   * - `'timm'`: floats are averaged, the rest is copied
   * - `'keras'`: what is trainable is averaged, the rest is ignored
   * - `'torch'`: parameters are averaged, buffers are copied
   *
   * @default floats are averaged, the rest is copied
   */
  rule?: ((name: string, weight: W) => 'average' | 'copy' | 'ignore') | Preset;
  /** Training steps that one update stands for: its decay is the product of theirs. @default 1 */
  stepsPerUpdate?: number;
  /** Elements that are not finite: `'skip'` leaves them out of the update. @default 'skip' */
  missing?: 'skip' | 'throw' | 'propagate';
  /**
   * Keep what rounding takes: a second float32 for each average, which matters where decays are so close to 1 that updates
   * vanish in float32 (0.9999 and closer). Twice the memory; averages in Float64Arrays stay as they are. @default false
   */
  compensated?: boolean;
  /** `'live'`: the shadow itself, until the next update begins. `'copy'`: the receiver's. @default 'live' */
  emit?: 'live' | 'copy';
};

/** The plan of a model's shadow. */
export interface ModelPlan extends Omit<Rates, 'perMs'>, Start, Pick<Plan, 'missing' | 'emit'> {
  readonly rule: ((name: string, weight: unknown) => unknown) | null;
  readonly stepsPerUpdate: number;
  /** Elements that are not finite stay out. */
  readonly guarded: boolean;
  readonly compensated: boolean;
}

const MODEL_WAYS: Readonly<Record<string, Way>> = {
  decay: {
    range: 'be in [0, 1]',
    rate: (decay) => (decay === 1 ? { decay, alpha: 0 } : WAYS.decay.rate(decay)),
  },
  alpha: {
    range: 'be in [0, 1]',
    rate: (alpha) => (alpha === 0 ? { decay: 1, alpha } : WAYS.alpha.rate(alpha)),
  },
  halfLife: WAYS.halfLife,
  tau: WAYS.tau,
};
const MODEL_OPTIONS = [...Object.keys(MODEL_WAYS), 'rule', 'stepsPerUpdate', 'missing', 'compensated', 'emit'];

/** User options → plan. `start` is the operator's choice, so the state notes it. */
export function resolveModelEma(options: unknown): ModelPlan {
  const given = read(options, MODEL_OPTIONS);
  const { stepsPerUpdate = 1, compensated = false } = given;
  if (!(Number.isSafeInteger(stepsPerUpdate) && (stepsPerUpdate as number) >= 1)) {
    throw bad('stepsPerUpdate', 'be an integer >= 1', stepsPerUpdate);
  }
  if (typeof compensated !== 'boolean') throw bad('compensated', 'be true or false', compensated);
  const missing = choice(given, 'missing', ['skip', 'throw', 'propagate']) ?? 'skip';
  return {
    ...compounded(resolveRates(given, MODEL_WAYS), stepsPerUpdate as number, given['decay']),
    missing,
    guarded: missing !== 'propagate',
    compensated,
    seeded: false,
    sma: 0,
    emit: choice(given, 'emit', ['live', 'copy']) ?? null,
    rule: resolveRule(given['rule']),
    stepsPerUpdate: stepsPerUpdate as number,
  };
}

function resolveRule(rule: unknown): ModelPlan['rule'] {
  if (rule === undefined) return null;
  if (typeof rule === 'function') return rule as ModelPlan['rule'];
  if (typeof rule === 'string' && Object.hasOwn(PRESETS, rule)) return PRESETS[rule as Preset];
  const names = Object.keys(PRESETS).map((name) => shown(name));
  throw bad('rule', `be a function to 'average', 'copy' or 'ignore', or one of ${names.join(', ')}`, rule);
}

/**
 * One update that stands for several training steps forgets by the product of their decays.
 *
 * @param schedule - the option `decay`: a schedule may know that product by itself
 */
function compounded(rates: Omit<Rates, 'perMs'>, steps: number, schedule: unknown): Omit<Rates, 'perMs'> {
  const { constant } = rates;
  if (steps === 1) return rates;
  if (constant !== null) {
    const { decay, alpha } = constant;
    const all = { decay: decay ** steps, alpha: -Math.expm1(steps * Math.log1p(-alpha)) };
    return { constant: all, rateAt: () => all };
  }
  const lnOver = typeof schedule === 'function' ? lnOverOf(schedule as DecaySchedule) : null;
  if (lnOver !== null) {
    return {
      constant,
      rateAt: (n) => {
        const ln = lnOver((n - 1) * steps, n * steps);
        return { decay: Math.exp(ln), alpha: -Math.expm1(ln) };
      },
    };
  }
  const rateAt = (n: number): Rate => {
    let [decay, alpha] = [1, 0];
    for (let step = (n - 1) * steps + 1; step <= n * steps; step++) {
      const rate = rates.rateAt(step);
      alpha = rate.decay * alpha + rate.alpha; // 1 − the product, with the digits that each alpha has
      decay *= rate.decay;
    }
    return { decay, alpha };
  };
  return { constant, rateAt };
}
