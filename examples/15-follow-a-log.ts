// A log that another program is writing, smoothed as it grows: half-written lines, a rotated file, and a row that is none.
import { appendFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { last, lastValueFrom, take, tap } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { fromJsonl } from 'rx-ema/sources';

interface Row {
  step: number;
  loss: number;
}
const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const path = join(folder, 'log.jsonl'); // not there yet
const row$ = fromJsonl<Row>(path, { follow: true, onBadRow: 'skip' });

const followed = lastValueFrom(
  row$.pipe(
    emaScan<Row>({ halfLife: 2, columns: ['loss'], as: () => 'smooth' }),
    biasCorrected(),
    tap((row) => console.log(JSON.stringify(row))),
    take(6), // without it: until somebody unsubscribes
    last(),
  ),
);

/** The other program: writes a little, waits a little. */
async function write(text: string): Promise<void> {
  appendFileSync(path, text);
  await sleep(150);
}
await write('{"step": 1, "loss": 4}\n{"step": 2, "lo');
await write('ss": 3}\n');
await write('Traceback (most recent call last):\n'); // somebody printed into the log
await write('{"step": 3, "loss": NaN}\n{"step": 4, "loss": 2}\n'); // as Python's json writes it
renameSync(path, join(folder, 'log.1.jsonl'));
await write('{"step": 5, "loss": 2}\n{"step": 6, "loss": 1}\n');

await followed;
console.log(`lines left out: ${row$.skipped}`);
rmSync(folder, { recursive: true });
