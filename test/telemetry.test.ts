import type { Data, Dictionary, RecordBatch, Utf8, Vector } from 'apache-arrow';
import { Ema, emaScan } from 'rx-ema';
import { from, lastValueFrom, tap } from 'rxjs';
import { expect, it } from 'vitest';
import { bytesHeld } from './support/bytesHeld.js';
import { IDLE_KEY, keyName, LATE_KEY, referenceOf, telemetry } from './support/telemetry.js';

const HALF_LIFE_MS = 30_000;
const options = { seconds: 86_400 };
const SAMPLED = [IDLE_KEY, LATE_KEY, 7, 500, 999];

/** What a key's rows came to, in the order of its rows. */
type Outputs = Map<string, (number | null)[]>;

/** Reads the rows of the sampled keys by their codes: to decode the key of each row takes longer than to smooth it. */
function collect(batch: RecordBatch, outputs: Outputs): void {
  const { values, dictionary } = batch.getChild('key')!.data[0] as Data<Dictionary>;
  const load = batch.getChild('load')!;
  const sampled = Array.from(dictionary as Vector<Utf8>, (key) => outputs.get(key!));
  for (let row = 0; row < batch.numRows; row++) sampled[values[row]!]?.push(load.get(row) as number | null);
}

it('smooths the telemetry of a thousand keys in one pipe, as direct sums have it', async () => {
  const outputs: Outputs = new Map(SAMPLED.map((key) => [keyName(key), []]));
  const ema = new Ema<RecordBatch>({
    halfLifeMs: HALF_LIFE_MS,
    time: 'at',
    by: 'key',
    late: 'skip',
    idleMs: 3_600_000,
  });
  const bytes: number[] = [];
  const held: number[] = [];
  let rows = 0;
  await lastValueFrom(
    from(telemetry(options)).pipe(
      emaScan(ema),
      tap((batch) => {
        collect(batch, outputs);
        rows += batch.numRows;
        if (bytes.length >= rows / 5_000_000) return;
        bytes.push(ema.snapshot().shadows['weight']!.byteLength);
        held.push(bytesHeld());
      }),
    ),
  );

  expect(rows).toBeGreaterThan(80_000_000);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(2 * 1000 * 8); // a slot for each key and column, however long it goes on
  expect(held.length).toBeGreaterThan(15);
  expect(Math.max(...held) - held[0]!).toBeLessThan(12e6); // what is collected here is 5 keys' 86 400 rows
  expect(ema.late).toBeGreaterThan(1000);
  expect(ema.dropped).toBeGreaterThanOrEqual(1); // the one that stopped
  for (const key of SAMPLED) {
    const got = outputs.get(keyName(key))!;
    for (const { place, late, mean } of referenceOf(key, 'load', HALF_LIFE_MS, options, 7)) {
      const out = got[place];
      if (late) expect(out).toBeNull();
      else if (out != null) expect(Math.abs(out - mean!)).toBeLessThanOrEqual(16 * Number.EPSILON); // 8 are the reference's
    }
    expect(got.filter((out) => out !== null).length).toBeGreaterThan(0.9 * got.length);
  }
}, 600_000);
