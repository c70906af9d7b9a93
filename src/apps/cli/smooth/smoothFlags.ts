/** What is read and written. */
export type Format = 'csv' | 'tsv' | 'jsonl' | 'arrow' | 'parquet';

/** What a time that is a number counts. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** What the user has said, as commander gives it: not checked yet. */
export interface SmoothFlags {
  readonly halfLife?: number;
  readonly decay?: number;
  readonly alpha?: number;
  readonly span?: number;
  readonly com?: number;
  readonly tau?: number;
  readonly halfLifeMs?: number;
  readonly tauMs?: number;
  readonly time?: string;
  readonly timeUnit?: TimeUnit;
  readonly by?: string;
  readonly columns?: readonly string[];
  readonly raw?: true;
  readonly append?: true;
  readonly from?: Format;
  readonly to?: Format;
  readonly output?: string;
  readonly skipBadRows?: true;
  readonly delimiter?: string;
}
