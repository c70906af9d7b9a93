import { readArrow } from '../../arrow/readArrow.js';
import { readPieces, type Piece } from '../../sources/growingFile.js';
import { parquetBatches } from '../../sources/parquetBatches.js';
import { batchPoints } from './batchPoints.js';
import { csvPoints } from './csvPoints.js';
import { eventPoints } from './eventPoints.js';
import { jsonlPoints } from './jsonlPoints.js';
import type { PointIntake, PointReader } from './pointReader.js';
import type { RunFormat } from './runFormat.js';

const READERS: Readonly<Record<RunFormat, PointReader>> = {
  tfevents: ofPieces(eventPoints),
  csv: ofPieces(csvPoints),
  jsonl: ofPieces(jsonlPoints),
  parquet: batchPoints((path) => parquetBatches(path, null, () => import('apache-arrow'))),
  arrow: batchPoints(readArrow),
};

/** What reads the points of files of a format. */
export function pointReaderOf(format: RunFormat): PointReader {
  return READERS[format];
}

function ofPieces(read: (pieces: AsyncIterable<Piece>, intake: PointIntake) => Promise<void>): PointReader {
  return (intake, growing) => read(readPieces(intake.path, growing), intake);
}
