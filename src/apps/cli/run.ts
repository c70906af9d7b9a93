import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';

import { packageFile } from '../packageFile.js';
import { plotCommand } from './plotCommand.js';
import { say } from './say.js';
import { smoothCommand } from './smoothCommand.js';
import { stateCommand } from './stateCommand.js';
import { UsageError } from './usageError.js';
import { watchCommand } from './watchCommand.js';
import { weightsCommand } from './weightsCommand.js';
import { workerCommand } from './workerCommand.js';

/** The commands, in the order of the help. */
const COMMANDS: readonly (() => Command)[] = [
  watchCommand,
  smoothCommand,
  plotCommand,
  weightsCommand,
  stateCommand,
  () => workerCommand(),
];

/**
 * Runs the command line.
 *
 * @param args - without the program's own name
 * @param commands - those that there are
 * @returns the exit code: 0 when the work is done, 1 when it failed, 2 when what was asked for makes no sense
 */
export async function run(args: readonly string[], commands = COMMANDS): Promise<number> {
  try {
    await program(commands).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
    say(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

function program(commands: typeof COMMANDS): Command {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  const program = new Command('rx-ema')
    .description('Smooths what is measured: files, streams, training runs.')
    .version(version, '-V, --version', 'prints the version')
    .helpOption('-h, --help', 'shows this')
    .exitOverride()
    .configureOutput({ outputError: (text) => say(withoutValue(text.replace(/^error: /, ''))) });
  for (const command of commands) program.addCommand(command().copyInheritedSettings(program));
  return program;
}

/** What an unknown option was set to may be a password. */
function withoutValue(text: string): string {
  return text.replace(/^(unknown option '[^'=]*)=.*'/s, "$1'");
}
