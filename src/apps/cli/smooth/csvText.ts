import type { RecordBatch, Vector } from 'apache-arrow';

import { plainValue } from './plainValue.js';

/** A batch as lines of CSV. Nothing is there where a value is null. */
export function csvText(batch: RecordBatch, delimiter: string): string {
  const columns = batch.schema.fields.map((_, i) => batch.getChildAt(i)!);
  let text = '';
  for (let row = 0; row < batch.numRows; row++) {
    text += `${columns.map((column) => cellOf(column, row, delimiter)).join(delimiter)}\n`;
  }
  return text;
}

/** A cell's text, in quotes if it has to be. */
export function quoted(text: string, delimiter: string): string {
  const isPlain = !text.includes(delimiter) && !/["\r\n]/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}

function cellOf(column: Vector, row: number, delimiter: string): string {
  const value = plainValue(column, row);
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value), delimiter);
}
