import type { SmoothingError } from '../../../errors.js';
import { delimiterByte } from '../../../sources/fromCsv.js';
import { checkPaths } from '../checkPaths.js';
import { asUsage } from './asUsage.js';
import { checkApart } from './checkApart.js';
import { Choice } from './choice.js';
import { inputsOf, targetOf } from './formats.js';
import { interruptible } from './interruptible.js';
import { ClosedPipe, outputTo } from './output.js';
import { Progress } from './progress.js';
import { TableReader } from './readTable.js';
import type { SmoothFlags } from './smoothFlags.js';
import { Smoothing } from './smoothing.js';
import { smoothPlan } from './smoothPlan.js';
import { tableWriter } from './tableWriter.js';

/** Does the work of `rx-ema smooth`. */
export async function smooth(files: readonly string[], flags: SmoothFlags): Promise<void> {
  const plan = smoothPlan(flags);
  checkPaths(files);
  const inputs = inputsOf(files, flags);
  const target = targetOf(flags, inputs, process.stdout.isTTY);
  checkApart(inputs, target);
  const delimiter = asUsage(() => delimiterByte(spelled(flags.delimiter)));
  let skipped = 0;
  const bad = (error: SmoothingError): void => {
    if (flags.skipBadRows !== true) throw error;
    skipped++;
  };
  const progress = new Progress(inputs, target);
  const reader = new TableReader({ delimiter, bad, read: (bytes) => progress.read(bytes) });
  const output = outputTo(target.path, target.isZipped);
  try {
    const choice = new Choice(plan, target.format !== 'jsonl', (line) => progress.say(line));
    const table = new Smoothing(plan, choice, tableWriter(target.format, output, plan.append));
    await interruptible(output, async () => {
      if (target.format !== 'jsonl') await reader.survey(inputs);
      for (const input of inputs) {
        for await (const piece of reader.read(input)) {
          await table.take(piece, input.path);
          progress.add(piece.rows);
        }
      }
      await table.end();
      output.commit(); // a signal waits for it: a large file takes a while to get to the disk
    });
  } catch (error) {
    output.discard();
    if (!(error instanceof ClosedPipe)) throw error;
  } finally {
    progress.end();
  }
  if (skipped > 0) progress.say(`left out ${skipped} ${skipped === 1 ? 'row' : 'rows'} that could not be read`);
}

/** A tab is hard to type. */
function spelled(delimiter: string | undefined): string | undefined {
  return delimiter === '\\t' || delimiter === 'tab' ? '\t' : delimiter;
}
