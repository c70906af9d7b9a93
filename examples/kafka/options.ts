import { Command } from 'commander';
import { integerFrom, parse } from '../train/options.js';

export interface Options {
  /** Of a cluster that is there already. */
  readonly brokers?: string;
  /** Readings per second, of the whole fleet. */
  readonly rate: number;
  readonly sensors: number;
  readonly port: number;
  readonly open: boolean;
  /** After how long it ends by itself. */
  readonly seconds?: number;
}

/**
 * Reads the flags.
 *
 * @returns the options, or null if it was asked for help, which then has been printed
 * @throws UsageError for an unknown flag or a wrong value
 */
export function parseOptions(flags: readonly string[]): Options | null {
  const command = new Command('npm run kafka --')
    .description('Smooths what a fleet of sensors reports, on a real Kafka, by two workers, live.')
    .option('--brokers <host:port>', 'a cluster of yours, on which the topics stay; without it a broker is started')
    .option('--rate <n>', 'readings per second, of all sensors together, 1 … 100000', integerFrom(1, 100_000), 2000)
    .option('--sensors <n>', 'how many there are, 10 … 1000000', integerFrom(10, 1_000_000), 10_000)
    .option('--port <n>', 'of the page, 0 … 65535; 0: any free one', integerFrom(0, 65_535), 0)
    .option('--open', 'opens the page in the browser', false)
    .option('--seconds <n>', 'ends by itself after so long', integerFrom(1))
    .helpOption('--help', 'shows this')
    .addHelpText('after', '\nCtrl-C ends all of it, in order; a second one at once.');
  return parse(command, flags) ? command.opts<Options>() : null;
}
