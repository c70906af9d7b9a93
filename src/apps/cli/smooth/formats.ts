import { UsageError } from '../usageError.js';
import type { Format, SmoothFlags } from './smoothFlags.js';

const EXTENSIONS: ReadonlyMap<string, Format> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['arrow', 'arrow'],
  ['arrows', 'arrow'],
  ['feather', 'arrow'],
  ['ipc', 'arrow'],
  ['parquet', 'parquet'],
  ['pq', 'parquet'],
]);

/** Stands for stdin and stdout. */
export const PIPE = '-';

/** A file to read, and as what. */
export interface Input {
  readonly path: string;
  readonly format: Format;
}

/** Where to write, and as what. */
export interface Target extends Input {
  readonly isZipped: boolean;
}

/** @throws UsageError for what can't be told */
export function inputsOf(files: readonly string[], { from }: SmoothFlags): Input[] {
  if (files.filter((path) => path === PIPE).length > 1)
    throw new UsageError('- must be among the files once, got it twice');
  return files.map((path) => {
    const format = from ?? formatOf(path);
    if (format === null) throw path === PIPE ? unsaid() : unknown(path, '--from');
    if (format === 'parquet' && path === PIPE) throw new UsageError('Parquet must be read from a file, got stdin');
    return { path, format };
  });
}

/**
 * @param isTerminal - stdout is one
 * @throws UsageError for what can't be told, and where it can't go
 */
export function targetOf({ output = PIPE, to }: SmoothFlags, [first]: readonly Input[], isTerminal: boolean): Target {
  const isStdout = output === PIPE;
  const format = to ?? (isStdout ? first!.format : formatOf(output));
  if (format === null) throw unknown(output, '--to');
  const isBinary = format === 'arrow' || format === 'parquet';
  const name = format === 'arrow' ? 'Arrow' : 'Parquet';
  if (isStdout && format === 'parquet')
    throw new UsageError('Parquet must go to a file, got stdout: say -o out.parquet');
  if (isStdout && isBinary && isTerminal)
    throw new UsageError(`${name} must go to a file or a pipe, got a terminal: say -o out.arrow`);
  if (/\.(feather|ipc)$/i.test(output)) {
    throw new UsageError(
      `Arrow is written as a stream, and a ${output.replace(/.*\./, '.')} file must not be one: say -o out.arrow`,
    );
  }
  const isZipped = output.endsWith('.gz');
  if (isZipped && isBinary) throw new UsageError(`${name} must not be zipped with gzip, got '${output}'`);
  return { path: output, format, isZipped };
}

function formatOf(path: string): Format | null {
  const [, extension = ''] = /\.([^./\\]+)$/.exec(path.replace(/\.gz$/, '')) ?? [];
  return EXTENSIONS.get(extension.toLowerCase()) ?? null;
}

function unknown(path: string, flag: string): UsageError {
  const known = 'csv, tsv, jsonl, arrow or parquet';
  return new UsageError(`'${path}' must have the extension of ${known}, or ${flag} say which it is`);
}

const unsaid = (): UsageError => new UsageError('stdin must come with --from: say with it what it is, as --from csv');
