/**
 * What can go wrong, as stable codes to switch on.
 *
 * Known when the pipe is built: `DECAY_CHOICE` (none or several ways to forget), `DECAY_RANGE`, `OPTION_UNKNOWN`,
 * `OPTION_VALUE`, `MISPLACED` (`biasCorrected()` not directly behind its operator).
 *
 * Known when a value arrives (error notifications): `SCHEDULE_RANGE`, `MISSING_VALUE` (under `missing: 'throw'`, no batch),
 * `VALUE_KIND`, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `NAMES_MISMATCH`, `COLUMN_MISSING`, `COLUMN_TYPE`,
 * `COLUMN_COLLISION`, `SCHEMA_CHANGED`, `TIME_MISSING` (no stamp), `TIME_LATE` (a stamp before the newest one),
 * `WEIGHT_RANGE`, `KEY_KIND`, `TOO_MANY_KEYS`, `TENSOR_DISPOSED`, `TFJS_ENGINE` (tfjs is not loaded).
 *
 * About state: `STATE_IN_USE`, `STATE_STARTED`, `DISPOSED`, `SWAP_ACTIVE`, `SNAPSHOT_VERSION`, `SNAPSHOT_OPTIONS`,
 * `SNAPSHOT_CORRUPT`, `FIT_RESIDUAL` (snapshots don't carry the average asked for). About files and streams of bytes:
 * `FILE_FORMAT` (foreign bytes, damaged), `ARROW_FORMAT` (the same, of Arrow), `CODEC_MISSING` (compressed, and nothing
 * installed that reads it), `PACKAGE_MISSING` (an optional package that is not installed), `SOURCE_UNREADABLE` (absent,
 * refused, read already), `SINK_UNWRITABLE` (no such folder, refused, the disk is full), `PORT_UNAVAILABLE` (taken,
 * refused).
 *
 * About Kafka: `TOPIC_MISSING`, `TOPIC_SETTINGS` (partitions, compaction), `BROKER_REFUSED` (no rights, a wrong password),
 * `SLOT_TAKEN` (by another worker), `CODEC_MISMATCH` (message after message that can't be read), `MESSAGE_TOO_LARGE`,
 * `BROKER_FAILED` (anything else that does not pass).
 */
export type SmoothingErrorCode =
  | 'DECAY_CHOICE'
  | 'DECAY_RANGE'
  | 'OPTION_UNKNOWN'
  | 'OPTION_VALUE'
  | 'MISPLACED'
  | 'SCHEDULE_RANGE'
  | 'MISSING_VALUE'
  | 'VALUE_KIND'
  | 'SHAPE_MISMATCH'
  | 'DTYPE_MISMATCH'
  | 'NAMES_MISMATCH'
  | 'COLUMN_MISSING'
  | 'COLUMN_TYPE'
  | 'COLUMN_COLLISION'
  | 'SCHEMA_CHANGED'
  | 'TIME_MISSING'
  | 'TIME_LATE'
  | 'WEIGHT_RANGE'
  | 'KEY_KIND'
  | 'TOO_MANY_KEYS'
  | 'TENSOR_DISPOSED'
  | 'TFJS_ENGINE'
  | 'STATE_IN_USE'
  | 'STATE_STARTED'
  | 'DISPOSED'
  | 'SWAP_ACTIVE'
  | 'SNAPSHOT_VERSION'
  | 'SNAPSHOT_OPTIONS'
  | 'SNAPSHOT_CORRUPT'
  | 'FIT_RESIDUAL'
  | 'FILE_FORMAT'
  | 'ARROW_FORMAT'
  | 'CODEC_MISSING'
  | 'PACKAGE_MISSING'
  | 'SOURCE_UNREADABLE'
  | 'SINK_UNWRITABLE'
  | 'PORT_UNAVAILABLE'
  | 'TOPIC_MISSING'
  | 'TOPIC_SETTINGS'
  | 'BROKER_REFUSED'
  | 'SLOT_TAKEN'
  | 'CODEC_MISMATCH'
  | 'MESSAGE_TOO_LARGE'
  | 'BROKER_FAILED';

/**
 * The one error class of the package. `code` is stable; the message says "X must …, got …".
 *
 * @example
 * ```ts
 * import { SmoothingError, emaScan } from 'rx-ema';
 * try {
 *   emaScan({ span: 0 });
 * } catch (error) {
 *   if (error instanceof SmoothingError) console.log(error.code, error.message);
 *   // => DECAY_RANGE span must be >= 1 step and finite, got 0
 * }
 * ```
 */
export class SmoothingError extends Error {
  override readonly name = 'SmoothingError';
  readonly code: SmoothingErrorCode;

  constructor(code: SmoothingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A value as an error message shows it: short, and never throwing. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${value.map((one) => shown(one)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const name = (value.constructor as { name?: string } | undefined)?.name ?? 'Object';
    return name === 'Object' ? `{ ${Object.keys(value).join(', ')} }` : name;
  }
  if (typeof value === 'function') return 'a function';
  return String(value);
}
