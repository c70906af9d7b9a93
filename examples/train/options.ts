import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';

const BACKENDS = ['node', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface Options {
  readonly epochs: number;
  readonly seed: number;
  readonly backend?: BackendName;
  readonly port: number;
  readonly open: boolean;
  readonly stay: boolean;
  /** Absolute. */
  readonly out: string;
}

/** What the user asked for can't be done: one line for them, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the flags.
 *
 * @returns the options, or null if it was asked for help, which then has been printed
 * @throws UsageError for an unknown flag or a wrong value
 */
export function parseOptions(flags: readonly string[]): Options | null {
  const command = new Command('npm start --')
    .description('Trains a small classifier on hand-written digits and smooths its curves and its weights, live.')
    .option('--epochs <n>', 'passes over the training digits, >= 1', integerFrom(1), 130)
    .option('--seed <n>', 'of the first weights, the order and the noise, >= 0', integerFrom(0), 1)
    .addOption(new Option('--backend <name>', 'of tfjs; without it node where it loads, else wasm').choices(BACKENDS))
    .option('--port <n>', 'of the page, 0 … 65535; 0: any free one', integerFrom(0, 65_535), 0)
    .option('--open', 'opens the page in the browser', false)
    .option('--stay', 'keeps the page up when training has ended, until Ctrl-C', false)
    .option('--out <dir>', 'folder for metrics.arrow and ema.safetensors', 'out')
    .helpOption('--help', 'shows this')
    .addHelpText('after', '\nCtrl-C stops training early, and still writes both files; a second one ends at once.');
  if (!parse(command, flags)) return null;
  const options = command.opts<Options>();
  // npm runs this in its own folder; paths are meant from where the user is
  return { ...options, out: resolve(process.env['INIT_CWD'] ?? '.', options.out) };
}

/** Lets a command read flags. False if it was asked for help, which then has been printed. */
export function parse(command: Command, flags: readonly string[]): boolean {
  command
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} }); // the error is thrown: whoever catches it prints it
  try {
    command.parse(flags, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return false;
    throw new UsageError(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '), { cause: error });
  }
  return true;
}

/** Reads a whole number. */
export function integerFrom(least: number, most = 1e9): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`);
  };
}
