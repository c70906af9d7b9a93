import { asyncScheduler, type Observable, type OperatorFunction } from 'rxjs';
import { resolveEwm, type EwmOptions, type PlainEwmOptions } from '../src/ewmOptions.js';
import { EwmEngine } from '../src/ewmEngine.js';
import type { Moment } from '../src/kernels/moments.js';
import type { Smoothed } from '../src/types.js';
import { smoothed } from './smoothing.js';

/** The statistics of `ewm(options)`: each is an operator. */
export interface Ewm<T> {
  mean(): OperatorFunction<T, Smoothed<T>>;
  sum(): OperatorFunction<T, Smoothed<T>>;
  var(options?: { bias?: boolean }): OperatorFunction<T, Smoothed<T>>;
  std(options?: { bias?: boolean }): OperatorFunction<T, Smoothed<T>>;
}

/** The same for options that name no field: the operators stay generic. */
export interface PlainEwm {
  mean(): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  sum(): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  var(options?: { bias?: boolean }): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  std(options?: { bias?: boolean }): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
}

export function ewm(options: PlainEwmOptions): PlainEwm;
export function ewm<T>(options: EwmOptions<T>): Ewm<T>;
export function ewm<T>(options: EwmOptions<T>): Ewm<T> {
  const planOf = resolveEwm(options, () => asyncScheduler.now());
  const operator = (moment: Moment, bias = false): OperatorFunction<T, Smoothed<T>> => {
    const plan = planOf(moment, bias);
    const open = () => {
      const engine = new EwmEngine<T>(plan);
      return { engine, end: (failed: boolean) => engine.end(failed) };
    };
    return (source) => smoothed(source, open, 'corrected');
  };
  return {
    mean: () => operator('mean'),
    sum: () => operator('sum'),
    var: ({ bias } = {}) => operator('var', bias),
    std: ({ bias } = {}) => operator('std', bias),
  };
}
