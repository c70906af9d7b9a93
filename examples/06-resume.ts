// State that survives a restart: a snapshot goes to a file, and another process would go on from it, bit for bit.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, from, lastValueFrom, take, toArray } from 'rxjs';
import { biasCorrected, Ema, emaScan, fromBytes, SmoothingError, toBytes } from 'rx-ema';

const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const file = join(folder, 'loss.ema');
const options = { halfLife: 10, missing: 'carry' } as const;
const loss = Array.from({ length: 40 }, (_, i) => 2 * Math.exp(-i / 15) + (i === 25 ? NaN : 0.3 * Math.sin(i * i)));

const whole = await lastValueFrom(from(loss).pipe(emaScan(options), biasCorrected(), toArray()));

// The first process sees 22 values and stops.
const ema = new Ema(options);
const before = await lastValueFrom(from(loss).pipe(take(22), emaScan(ema), biasCorrected(), toArray()));
writeFileSync(file, toBytes(ema.snapshot()));
console.log(`saved after ${ema.seen} values: ${readFileSync(file).length} bytes`);

// The next one reads the file and goes on where the first stopped.
const resumed = new Ema(options, fromBytes(readFileSync(file)));
const after = await lastValueFrom(from(loss.slice(resumed.seen)).pipe(emaScan(resumed), biasCorrected(), toArray()));
const joined = await lastValueFrom(concat(from(before), from(after)).pipe(toArray()));
console.log(
  `resumed: ${joined.every((v, i) => Object.is(v, whole[i]))} that all ${joined.length} values are the same bits`,
);

// A snapshot of other options, or one cut short, is refused by name.
for (const attempt of [
  () => new Ema({ halfLife: 20, missing: 'carry' }, fromBytes(readFileSync(file))),
  () => new Ema(options, fromBytes(readFileSync(file).subarray(0, 200))),
]) {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SmoothingError) console.log(`${error.code}: ${error.message}`);
  }
}
rmSync(folder, { recursive: true });
