import type { Data } from 'apache-arrow';

import { isNull, type ArrowData } from '../../../values/arrowData.js';
import { JsonPiece } from './jsonPiece.js';
import { plainValue } from './plainValue.js';
import { appendedName, smoothedBatch } from './smoothedBatch.js';
import type { TablePiece } from './tablePiece.js';

/** Rows as lines of JSON, which has no NaN: null stands for it. Of JSON lines, fields and their order stay as they are. */
export function jsonText(piece: TablePiece, smoothed: ReadonlyMap<string, Data>, append: boolean): string {
  const records = piece instanceof JsonPiece ? replaced(piece, smoothed, append) : recordsOf(piece, smoothed, append);
  let text = '';
  for (const record of records) text += `${JSON.stringify(record, withBigInts)}\n`;
  return text;
}

function* replaced({ records }: JsonPiece, smoothed: ReadonlyMap<string, Data>, append: boolean): Generator<object> {
  const columns = [...smoothed].map(
    ([name, data]) => [name, append ? appendedName(name) : name, data as unknown as ArrowData] as const,
  );
  for (const [row, { record }] of records.entries()) {
    const more: Record<string, unknown> = {};
    for (const [name, to, data] of columns) {
      if (to in record && typeof record[to] === 'string') continue; // NaN or an infinity, as it came
      if (!isNull(data, row)) more[to] = (data.values as Float64Array)[row];
      else if (append && name in record) more[to] = null;
    }
    yield { ...record, ...more };
  }
}

function* recordsOf(piece: TablePiece, smoothed: ReadonlyMap<string, Data>, append: boolean): Generator<object> {
  const batch = smoothedBatch(piece.batch(), smoothed, append);
  const columns = batch.schema.fields.map(({ name }, i) => [name, batch.getChildAt(i)!] as const);
  for (let row = 0; row < batch.numRows; row++) {
    yield Object.fromEntries(columns.map(([name, column]) => [name, plainValue(column, row)]));
  }
}

/** Exact where a double holds them; else by their digits. */
function withBigInts(_: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
