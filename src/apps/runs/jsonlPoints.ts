import type { Piece } from '../../sources/growingFile.js';
import { jsonlReader } from '../../sources/jsonlReader.js';
import { nonFinite } from '../../sources/nonFinite.js';
import type { MetricPoint } from '../dashboard/point.js';
import { flat } from './flat.js';
import { KnownAxes } from './knownAxes.js';
import type { PointIntake } from './pointReader.js';
import { RowSteps } from './rowSteps.js';
import { wallMs } from './wallMs.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The numbers in a JSON Lines file as points, a record each, those in objects too; also `"NaN"` and the infinities, as text.
 */
export async function jsonlPoints(pieces: AsyncIterable<Piece>, intake: PointIntake): Promise<void> {
  let points: MetricPoint[] = [];
  let steps = new RowSteps();
  const axes = new KnownAxes();
  const flush = (): void => {
    intake.add(points);
    points = [];
  };
  async function* flushed(): AsyncGenerator<Piece> {
    for await (const piece of pieces) {
      yield piece;
      if (piece.fresh) steps = new RowSteps(); // when the rest of the old file has been read
      flush();
    }
  }
  const read = jsonlReader<Fields>(intake.path);
  await read(flushed(), {
    get closed() {
      return intake.closed;
    },
    next(nested) {
      const record = flat(nested);
      const { step, time, metrics } = axes.of(record);
      const at = steps.next(step === null ? null : record[step]);
      const values = valuesOf(record, metrics);
      const atMs = time === null ? NaN : wallMs(record[time]);
      if (values !== null) points.push({ run: intake.run, step: at, atMs, values });
    },
    bad: ({ message }) => intake.problem(`${message}: the line is left out`),
  });
  flush();
}

/** Null if there are none. */
function valuesOf(record: Fields, metrics: readonly string[]): Record<string, number> | null {
  const values: Record<string, number> = {};
  let isEmpty = true;
  for (const name of metrics) {
    const field = record[name];
    const value = typeof field === 'string' ? nonFinite(field) : field;
    if (typeof value !== 'number') continue;
    values[name] = value;
    isEmpty = false;
  }
  return isEmpty ? null : values;
}
