/** What a program of this bench is told, as JSON in its first argument. */
export interface Job {
  readonly brokers: string;
  readonly input: string;
  readonly output: string;
  /** A consumer group; the names of changelogs are made of it. */
  readonly group: string;
  /** For files of the program: a new one for each run. */
  readonly folder: string;
  /** `{"at":ms,"celsius":x}`, or x as a float64 in little-endian order, whose time is that of the message. */
  readonly codec: CodecName;
  readonly commitMs: number;
  readonly halfLifeMs: number;
}

export type CodecName = 'json' | 'float64';

/** All in the inputs are of this kind. */
export interface Reading {
  readonly at: number;
  readonly celsius: number;
}

/** ms: of what is smoothed in every run. */
export const HALF_LIFE_MS = 60_000;
