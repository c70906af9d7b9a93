import type { TimeUnit } from '../smooth/smoothFlags.js';

/** What a time of a record is: a number that counts these, or text. */
export type RecordTime = TimeUnit | 'date';

/** How the values of messages are written. */
export type CodecName = 'json' | 'float64' | 'arrow';

/** Statistics of `ewm`. */
export type StatName = 'mean' | 'sum' | 'var' | 'std' | 'cov' | 'corr' | 'bands';

/** What the user has said, as commander gives it: not checked yet. */
export interface WorkerFlags {
  readonly brokers?: string;
  readonly in: string;
  readonly out: string;
  readonly codec?: CodecName;
  readonly slot?: string;
  readonly group?: string;
  readonly changelog?: string;
  readonly deadLetters?: string;
  readonly maxDeadInARow?: number;
  readonly commitMs?: number;
  readonly sessionMs?: number;
  readonly config?: readonly string[];
  readonly configFile?: string;

  readonly halfLife?: number;
  readonly decay?: number;
  readonly alpha?: number;
  readonly span?: number;
  readonly com?: number;
  readonly tau?: number;
  readonly halfLifeMs?: number;
  readonly tauMs?: number;
  readonly time?: string;
  readonly timeUnit?: RecordTime;
  readonly hold?: string;
  readonly late?: string;
  readonly missing?: string;
  readonly ages?: true;
  readonly start?: string;
  readonly raw?: true;
  readonly weight?: string;
  readonly columns?: readonly string[];
  readonly append?: true;
  readonly maxKeys?: number;
  readonly idleMs?: number;

  readonly stat?: StatName;
  readonly adjust?: boolean;
  readonly ignoreNa?: true;
  readonly minPeriods?: number;
  readonly bias?: true;
  readonly width?: number;
  readonly x?: string;
  readonly y?: string;

  /** False: `--no-metrics`. */
  readonly metrics?: boolean;
  readonly metricsPort?: string;
  readonly metricsHost?: string;
}
