import { CsvKinds } from '../../sources/csv/csvKinds.js';
import type { CsvBlock } from '../../sources/csv/csvBlock.js';
import { readCsv } from '../../sources/csv/readCsv.js';
import type { MetricPoint } from '../dashboard/point.js';
import { axesOf } from './axesOf.js';
import type { PointIntake } from './pointReader.js';
import type { Piece } from '../../sources/growingFile.js';
import { RowSteps } from './rowSteps.js';
import { wallMs } from './wallMs.js';

/**
 * The numbers in a CSV file as points, a row each. An empty cell is no value; text among numbers is none either, and a problem.
 */
export async function csvPoints(pieces: AsyncIterable<Piece>, intake: PointIntake): Promise<void> {
  const { path } = intake;
  let table: CsvTable | null = null;
  const bad = ({ message }: Error): void => intake.problem(`${message}: the row is left out`);
  for await (const block of readCsv(pieces, { path, delimiter: null, bad })) {
    if (intake.closed) return;
    if (table === null || table.columns !== block.columns) table = new CsvTable(block.columns, intake);
    intake.add(table.points(block));
  }
}

/** A header, and what the rows behind it are to it. */
class CsvTable {
  readonly columns: readonly string[];
  readonly #intake: PointIntake;
  readonly #kinds: CsvKinds;
  readonly #step: number;
  readonly #time: number;
  readonly #metrics: readonly (readonly [index: number, name: string])[];
  readonly #steps = new RowSteps();

  constructor(columns: readonly string[], intake: PointIntake) {
    const { step, time, metrics } = axesOf(columns);
    this.columns = columns;
    this.#intake = intake;
    this.#kinds = new CsvKinds(intake.path, columns, []);
    this.#step = step === null ? -1 : columns.indexOf(step);
    this.#time = time === null ? -1 : columns.indexOf(time);
    this.#metrics = metrics.map((name) => [columns.indexOf(name), name]);
  }

  points(block: CsvBlock): MetricPoint[] {
    const { run } = this.#intake;
    const metrics = this.#metrics.filter(([column]) => this.#kinds.of(block, column) !== 'text');
    const points: MetricPoint[] = [];
    for (let row = 0; row < block.rows; row++) {
      const step = this.#steps.next(this.#cell(block, row, this.#step));
      const atMs = wallMs(this.#cell(block, row, this.#time));
      const values: Record<string, number> = {};
      let isEmpty = true;
      for (const [column, name] of metrics) {
        const value = this.#cell(block, row, column);
        if (typeof value !== 'number') continue;
        values[name] = value;
        isEmpty = false;
      }
      if (!isEmpty) points.push({ run, step, atMs, values });
    }
    return points;
  }

  #cell(block: CsvBlock, row: number, column: number): number | string | null {
    if (column < 0) return null;
    const value = this.#kinds.value(block, row, column);
    if (value !== undefined) return value;
    this.#intake.problem(this.#kinds.refusal(block, row, column, ': the value is left out').message);
    return null;
  }
}
