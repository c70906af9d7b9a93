import { Ema } from '../../ema.js';
import type { EwmOptions, EwmStatistic } from '../../ewmOptions.js';
import { EwmState } from '../../ewmState.js';
import { bad, type EmaOptions } from '../../options.js';
import type { ResumableEngine } from '../../resumableEngine.js';
import type { Current, EngineMaker } from './partition.js';
import type { WorkerEma } from './worker.js';

/** Engines whose keys, and stamps where no field has them, are those of the message that is under way. */
export function engineMaker<T>(options: WorkerEma<T>): EngineMaker<T> {
  if (typeof options !== 'object' || options === null) throw bad('ema', 'be options of emaScan or of ewm', options);
  for (const name of ['by', 'clock', 'emit']) {
    const given: unknown = Reflect.get(options, name);
    if (given !== undefined) throw bad(`ema.${name}`, 'be left out: messages have keys and timestamps', given);
  }
  const { statistic, ...rest } = options as EwmOptions<T> & { statistic?: EwmStatistic<T> };
  const isTimed = [rest.halfLifeMs, rest.tauMs, rest.idleMs].some((given) => given !== undefined);
  const make: EngineMaker<T> = (current: Current, from) => {
    const own = {
      ...rest,
      by: () => current.key,
      ...(isTimed && rest.time === undefined && { clock: { now: () => current.stamp } }),
    };
    if (statistic === undefined) return new Ema<T>(own as unknown as EmaOptions<T>, from);
    return new EwmState<T>(own as unknown as EwmOptions<T>, statistic as never, from) as unknown as ResumableEngine<T>;
  };
  make({ key: null, stamp: 0 }); // the options are wrong now or never
  return make;
}
