import { SmoothingError } from '../../../errors.js';
import type { Piece } from '../../../sources/growingFile.js';
import { jsonRecord } from '../../../sources/jsonlReader.js';
import { linesOf } from '../../../sources/linesOf.js';
import type { JsonRow } from './jsonPiece.js';

/** The objects in lines of JSON, as many at a time as a piece of the file has. */
export async function* jsonRows(
  pieces: AsyncIterable<Piece>,
  name: string,
  bad: (error: SmoothingError) => void,
): AsyncGenerator<readonly JsonRow[]> {
  for await (const { lines, number } of linesOf(pieces, name)) {
    const rows: JsonRow[] = [];
    for (const [i, text] of lines.entries()) {
      const record = jsonRecord(text, number + i, name);
      if (record instanceof SmoothingError) bad(record);
      else if (record !== null) rows.push({ record: record as JsonRow['record'], line: number + i });
    }
    if (rows.length > 0) yield rows;
  }
}
