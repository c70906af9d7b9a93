import { SmoothingError } from '../../../errors.js';
import type { Piece } from '../../../sources/growingFile.js';
import { jsonRecord } from '../../../sources/jsonlReader.js';
import type { JsonRow } from './jsonPiece.js';

/** The objects in lines of JSON, as many at a time as a piece of the file has. */
export async function* jsonRows(
  pieces: AsyncIterable<Piece>,
  name: string,
  bad: (error: SmoothingError) => void,
): AsyncGenerator<readonly JsonRow[]> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  const rowsIn = (lines: readonly string[]): JsonRow[] => {
    const rows: JsonRow[] = [];
    for (const text of lines) {
      const record = jsonRecord(text, ++line, name);
      if (record instanceof SmoothingError) bad(record);
      else if (record !== null) rows.push({ record: record as JsonRow['record'], line });
    }
    return rows;
  };
  for await (const { bytes } of pieces) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop()!;
    const rows = rowsIn(lines);
    if (rows.length > 0) yield rows;
  }
  const last = rowsIn([rest + decoder.decode()]);
  if (last.length > 0) yield last;
}
