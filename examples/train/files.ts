import { Float64, Int32, makeData, RecordBatch, TimestampMillisecond } from 'apache-arrow';
import { writeFile } from 'node:fs/promises';
import { bufferCount, map, startWith, type OperatorFunction } from 'rxjs';
import { encodeSafetensors, type WeightMap } from 'rx-ema';
import type { Point } from './training.js';

const ROWS_PER_BATCH = 1024;

/** Points as Arrow record batches. The first has no rows, so that a run without a step leaves a readable file too. */
export function toRecordBatches(): OperatorFunction<Point, RecordBatch> {
  return (point$) => point$.pipe(bufferCount(ROWS_PER_BATCH), startWith([]), map(toRecordBatch));
}

/** `loss` as it is, `loss_ema` from emaScan, `loss_corrected` with biasCorrected() behind it; so for the accuracy. */
function toRecordBatch(points: readonly Point[]): RecordBatch {
  const integers = (read: (point: Point) => number) =>
    makeData({ type: new Int32(), data: Int32Array.from(points, read) });
  const doubles = (read: (point: Point) => number) =>
    makeData({ type: new Float64(), data: Float64Array.from(points, read) });
  const stamps = BigInt64Array.from(points, ({ atMs }) => BigInt(Math.round(atMs)));
  return new RecordBatch({
    step: integers(({ step }) => step),
    epoch: integers(({ epoch }) => epoch),
    at: makeData({ type: new TimestampMillisecond(), data: stamps }),
    loss: doubles(({ value }) => value.loss),
    loss_ema: doubles(({ ema }) => ema.loss),
    loss_corrected: doubles(({ corrected }) => corrected.loss),
    acc: doubles(({ value }) => value['acc']!),
    acc_ema: doubles(({ ema }) => ema['acc']!),
    acc_corrected: doubles(({ corrected }) => corrected['acc']!),
  });
}

/** Writes weights as safetensors, and how they came about beside them. */
export async function writeWeights(path: string, shadow: WeightMap, metadata: Record<string, string>): Promise<void> {
  await writeFile(path, encodeSafetensors(shadow, metadata));
}
