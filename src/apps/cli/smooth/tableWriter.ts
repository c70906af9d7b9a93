import type { Data } from 'apache-arrow';
import { Subject } from 'rxjs';

import { StreamEncoder } from '../../../arrow/streamEncoder.js';
import { SmoothingError } from '../../../errors.js';
import { writeParquet } from '../../tables/writeParquet.js';
import { UsageError } from '../usageError.js';
import { CsvPiece } from './csvPiece.js';
import { CsvSplicer } from './csvSplicer.js';
import { csvText, quoted } from './csvText.js';
import { jsonText } from './jsonText.js';
import type { Output } from './output.js';
import { appendedName, smoothedBatch } from './smoothedBatch.js';
import type { Format } from './smoothFlags.js';
import type { TablePiece } from './tablePiece.js';

/** Writes pieces of a table, with their smoothed columns. */
export interface TableWriter {
  write(piece: TablePiece, smoothed: ReadonlyMap<string, Data>): Promise<void> | void;
  end(): Promise<void> | void;
}

export function tableWriter(format: Format, output: Output, append: boolean): TableWriter {
  if (format === 'arrow') return arrowWriter(output, append);
  if (format === 'parquet') return parquetWriter(output, append);
  if (format === 'jsonl') return jsonWriter(output, append);
  return csvWriter(output, append, format === 'tsv' ? '\t' : null);
}

/** Rows of CSV go out as they stand in their file, but for what is smoothed; others are written anew. */
function csvWriter(output: Output, append: boolean, given: string | null): TableWriter {
  const splicer = new CsvSplicer(append);
  let delimiter = given;
  let header: string | null = null;
  return {
    async write(piece, smoothed) {
      const own = piece instanceof CsvPiece ? String.fromCharCode(piece.block.delimiter) : null;
      delimiter ??= own ?? ',';
      const isSame = piece instanceof CsvPiece && own === delimiter;
      const batch = isSame ? null : smoothedBatch(piece.batch(), smoothed, append);
      const names = batch?.schema.fields.map(({ name }) => name) ?? [
        ...piece.columns,
        ...(append ? [...smoothed.keys()].map(appendedName) : []),
      ];
      const signature = JSON.stringify(names);
      if (header === null) {
        const line = `${names.map((name) => quoted(name, delimiter!)).join(delimiter)}\n`;
        await output.write(isSame ? splicer.header(piece.block, names.slice(piece.columns.length)) : Buffer.from(line));
      } else if (header !== signature) throw lateColumn(JSON.parse(header) as string[], names);
      header = signature;
      await output.write(isSame ? splicer.rows(piece.block, smoothed) : Buffer.from(csvText(batch!, delimiter)));
    },
    end() {},
  };
}

function jsonWriter(output: Output, append: boolean): TableWriter {
  return {
    write: (piece, smoothed) => output.write(Buffer.from(jsonText(piece, smoothed, append))),
    end() {},
  };
}

function arrowWriter(output: Output, append: boolean): TableWriter {
  const encoder = new StreamEncoder();
  return {
    write: (piece, smoothed) => output.write(encoder.encode(smoothedBatch(piece.batch(), smoothed, append))),
    end: () => output.write(encoder.end()),
  };
}

function parquetWriter({ path }: Output, append: boolean): TableWriter {
  if (path === null) throw new UsageError('Parquet must go to a file, got none: say -o out.parquet');
  const batches = new Subject<ReturnType<typeof smoothedBatch>>();
  let failure: unknown = null;
  const check = (): void => {
    if (failure !== null) throw failure;
  };
  batches.pipe(writeParquet(path)).subscribe({ error: (error: unknown) => (failure = error) });
  return {
    write(piece, smoothed) {
      batches.next(smoothedBatch(piece.batch(), smoothed, append));
      check();
    },
    end() {
      batches.complete();
      check();
    },
  };
}

function lateColumn(had: readonly string[], has: readonly string[]): SmoothingError {
  const more = has.filter((name) => !had.includes(name));
  const must = 'the columns of a table must be there from the first rows on';
  return new SmoothingError(
    'SCHEMA_CHANGED',
    `${must}, got ${more.join(', ')} later: JSON lines need not, say --to jsonl`,
  );
}
