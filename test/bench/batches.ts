import { Field, Float64, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { Subject } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { curve, type Contest, type Size } from './harness.js';

const DECAY = 0.99;

/** Arrow batches of one float64 column, against a copy of the column into fresh memory. */
export function batches({ smoke }: Size): Contest[] {
  const rows = smoke ? 1_000 : 65_536;
  const values = curve(rows, 6);
  const schema = new Schema([new Field('loss', new Float64(), false)]);
  const child = makeData({ type: new Float64(), data: values });
  const batch = new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children: [child] }),
  );
  const turns = 8;
  const contest = (name: string, correct: boolean): Contest => ({
    name: `batches: ${name}, ${rows} rows`,
    unit: 'row',
    count: turns * rows,
    peerName: 'slice() of the column',
    ours: () => {
      const subject = new Subject<RecordBatch>();
      let last = 0;
      const raw = subject.pipe(emaScan({ decay: DECAY }));
      (correct ? raw.pipe(biasCorrected()) : raw).subscribe((out) => {
        last = (out.data.children[0]!.values as Float64Array)[rows - 1]!;
      });
      for (let i = 0; i < turns; i++) subject.next(batch);
      return last;
    },
    peer: () => {
      let last = 0;
      for (let i = 0; i < turns; i++) last = values.slice()[rows - 1]!;
      return last;
    },
    expected: smoothedBy(values, turns),
    tolerance: 1e-12,
  });
  return [contest('emaScan', false), contest('emaScan, biasCorrected', true)];
}

/** v + (1 − d)·(x − v) over all rows; after so many, raw and corrected are the same. */
function smoothedBy(values: Float64Array, turns: number): number {
  let v = 0;
  for (let turn = 0; turn < turns; turn++) for (const x of values) v += (1 - DECAY) * (x - v);
  return v;
}
