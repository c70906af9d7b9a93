import { EventScalars, type Scalar } from '../../sources/eventScalars.js';
import type { Piece } from '../../sources/growingFile.js';
import { scalarsIn } from '../../sources/scalarsIn.js';
import { TfRecords, type TfRecord } from '../../sources/tfRecords.js';
import type { MetricPoint } from '../dashboard/point.js';
import type { PointIntake } from './pointReader.js';

/** Scalars that are logged one by one, so far apart at most, are of one point. */
const TOGETHER_MS = 1000;

/** The scalars in a file of TensorBoard's as points: those of a step that follow one another are one. */
export async function eventPoints(pieces: AsyncIterable<Piece>, intake: PointIntake): Promise<void> {
  const fail = ({ number, at }: Pick<TfRecord, 'number' | 'at'>, what: string): void =>
    intake.problem(`record ${number} of '${intake.path}', at byte ${at}, must ${what}`);
  let records = new TfRecords(fail);
  let scalars = new EventScalars(intake.run);
  for await (const { bytes, fresh } of pieces) {
    if (intake.closed) return;
    if (fresh) [records, scalars] = [new TfRecords(fail), new EventScalars(intake.run)];
    const points: Gathered[] = [];
    for (const record of records.read(bytes)) {
      for (const scalar of scalarsIn(record, scalars, fail)) gather(points, scalar);
    }
    intake.add(points);
  }
}

type Gathered = MetricPoint & { readonly values: Record<string, number> };

function gather(points: Gathered[], { run, tag, step, atMs, value }: Scalar): void {
  const newest = points.at(-1);
  const isSame = newest?.step === step && Math.abs(atMs - newest.atMs) <= TOGETHER_MS;
  if (isSame && !Object.hasOwn(newest.values, tag)) newest.values[tag] = value;
  else points.push({ run, step, atMs, values: { [tag]: value } });
}
