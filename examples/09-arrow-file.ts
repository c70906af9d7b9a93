// An Arrow file in, an Arrow file out: batches are smoothed one at a time, so the file may be larger than memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import { concatMap, filter, from, lastValueFrom, tap } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { readArrow, writeArrow } from 'rx-ema/arrow';

// A real training log (PyTorch, 600 steps), written by Python's pyarrow in batches of 100 rows.
const input = new URL('data/run.arrow', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const output = join(folder, 'smooth.arrow');

console.log('reading');
const written = await lastValueFrom(
  readArrow(input).pipe(
    tap(({ numRows, numCols }) => console.log(`  a batch of ${numRows} rows and ${numCols} columns`)),
    emaScan<RecordBatch>({ halfLife: 20, columns: ['loss', 'accuracy'], as: (name) => `${name}_ema` }),
    biasCorrected(),
    writeArrow(output), // also readable with pyarrow.ipc.open_stream, polars.read_ipc_stream
  ),
);
console.log(`wrote ${written.batches} batches, ${written.rows} rows, ${written.bytes} bytes\n`);

// Reading it back, as another program would.
const show = (x: number | null): string => (x === null ? 'null' : x.toFixed(4)).padStart(8);
let schema = '';
console.log(' step |   loss      ema | accuracy      ema');
await lastValueFrom(
  readArrow(output).pipe(
    tap((batch) => (schema = batch.schema.fields.map((field) => `${field.name}: ${String(field.type)}`).join(', '))),
    concatMap((batch) => from(batch)),
    filter(({ step }) => step % 100 === 0 || step === 1 || step === 10),
    tap(({ step, loss, loss_ema, accuracy, accuracy_ema }) => {
      console.log(
        `${String(step).padStart(5)} |${show(loss)} ${show(loss_ema)} |${show(accuracy)} ${show(accuracy_ema)}`,
      );
    }),
  ),
);
console.log(
  'At step 200 loss is NaN and accuracy null: both stay what they are, and the averages go on behind them.\n',
);
console.log(schema);
rmSync(folder, { recursive: true });
