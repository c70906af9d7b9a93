import { bad, read, type Given } from '../options.js';
import { isObject } from './snapshotFormat.js';

/** Options of known names. `read` by itself asks for a decay where there are no options. */
export function safetensorsOptions(options: unknown, known: readonly string[]): Given {
  if (!isObject(options)) throw bad('options', 'be an object', options);
  return read(options, known);
}
