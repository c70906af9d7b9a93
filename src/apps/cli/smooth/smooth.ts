import { SmoothingError } from '../../../errors.js';
import { delimiterByte } from '../../../sources/fromCsv.js';
import { Choice } from './choice.js';
import { ColumnSmoother } from './columnSmoother.js';
import { inputsOf, targetOf, type Input } from './formats.js';
import { interruptible } from './interruptible.js';
import { ClosedPipe, outputTo } from './output.js';
import { Progress } from './progress.js';
import { TableReader } from './readTable.js';
import type { SmoothFlags } from './smoothFlags.js';
import { smoothPlan, type SmoothPlan } from './smoothPlan.js';
import type { TablePiece } from './tablePiece.js';
import { tableWriter, type TableWriter } from './tableWriter.js';
import { appendedName } from './smoothedBatch.js';

/** Does the work of `rx-ema smooth`. */
export async function smooth(files: readonly string[], flags: SmoothFlags): Promise<void> {
  const plan = smoothPlan(flags);
  const inputs = inputsOf(files, flags);
  const target = targetOf(flags, inputs, process.stdout.isTTY);
  const delimiter = delimiterByte(flags.delimiter);
  let skipped = 0;
  const bad = (error: SmoothingError): void => {
    if (flags.skipBadRows !== true) throw error;
    skipped++;
  };
  const progress = new Progress(inputs, target);
  const output = outputTo(target.path, target.isZipped);
  try {
    const writer = tableWriter(target.format, output, plan.append);
    await interruptible(output, () =>
      run(inputs, new TableReader({ delimiter, bad, read: (bytes) => progress.read(bytes) }), writer, plan, progress),
    );
    output.commit();
  } catch (error) {
    output.discard();
    if (!(error instanceof ClosedPipe)) throw error;
  } finally {
    progress.end();
  }
  if (skipped > 0) progress.say(`left out ${skipped} ${skipped === 1 ? 'row' : 'rows'} that could not be read`);
}

async function run(
  inputs: readonly Input[],
  reader: TableReader,
  writer: TableWriter,
  plan: SmoothPlan,
  progress: Progress,
): Promise<void> {
  const choice = new Choice(plan, (line) => progress.say(line));
  const smoother = new ColumnSmoother(plan);
  let columns: readonly string[] = [];
  for (const input of inputs) {
    for await (const piece of reader.read(input)) {
      if (piece.isWhole && columns.length > 0) checkSame(columns, piece, input);
      ({ columns } = piece);
      const names = choice.of(piece);
      if (plan.append) checkFree(names, columns);
      piece.prepare(names, plan.time, plan.timeUnit);
      await writer.write(piece, smoother.smooth(piece, names));
      progress.add(piece.rows);
    }
  }
  choice.end(columns);
  await writer.end();
}

function checkSame(columns: readonly string[], piece: TablePiece, { path }: Input): void {
  if (piece.columns === columns || String(piece.columns) === String(columns)) return;
  const must = `'${path}' must have the columns of the file before it (${columns.join(', ')})`;
  throw new SmoothingError('SCHEMA_CHANGED', `${must}, got ${piece.columns.join(', ')}`);
}

function checkFree(names: readonly string[], columns: readonly string[]): void {
  const taken = names.find((name) => columns.includes(appendedName(name)));
  if (taken === undefined) return;
  throw new SmoothingError(
    'COLUMN_COLLISION',
    `--append must find '${appendedName(taken)}' free, got a column of that name`,
  );
}
