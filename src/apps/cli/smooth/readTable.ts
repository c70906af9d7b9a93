import * as arrow from 'apache-arrow';

import { SmoothingError } from '../../../errors.js';
import { openChunks } from '../../../arrow/byteChunks.js';
import { ByteReader } from '../../../arrow/byteReader.js';
import { readMessages } from '../../../arrow/messages.js';
import { StreamDecoder } from '../../../arrow/streamDecoder.js';
import { failure, said } from '../../../failure.js';
import { CsvKinds } from '../../../sources/csv/csvKinds.js';
import { readCsv } from '../../../sources/csv/readCsv.js';
import { readParquet } from '../../../sources/parquetBatches.js';
import { BatchPiece } from './batchPiece.js';
import { bytesOf } from './bytesOf.js';
import { CsvPiece } from './csvPiece.js';
import { PIPE, type Input } from './formats.js';
import { JsonPiece, type JsonKinds } from './jsonPiece.js';
import { jsonRows } from './jsonRows.js';
import type { TablePiece } from './tablePiece.js';

const TAB = 0x09;

/** How tables are read. */
export interface ReadPlan {
  /** Of CSV, a byte; null to find it. */
  readonly delimiter: number | null;
  /** Throws, or counts a row as left out. */
  readonly bad: (error: SmoothingError) => void;
  /** So many bytes have been read. */
  readonly read: (bytes: number) => void;
}

/** Reads tables that follow one another as one: what is known of the columns stays known. */
export class TableReader {
  readonly #plan: ReadPlan;
  readonly #jsonKinds: JsonKinds = new Map();
  #csv: { readonly columns: string; readonly kinds: CsvKinds } | null = null;

  constructor(plan: ReadPlan) {
    this.#plan = plan;
  }

  /** The rows of a file, as fast as they are taken. A piece is lent until the next is asked for. */
  read({ path, format }: Input): AsyncGenerator<TablePiece> {
    if (format === 'arrow') return this.#readArrow(path);
    if (format === 'parquet') return readRowGroups(path);
    return format === 'jsonl' ? this.#readJson(path) : this.#readCsv(path, format === 'tsv');
  }

  async *#readCsv(path: string, isTabbed: boolean): AsyncGenerator<TablePiece> {
    const { bad, read } = this.#plan;
    const name = nameOf(path);
    const delimiter = this.#plan.delimiter ?? (isTabbed ? TAB : null);
    for await (const block of readCsv(bytesOf(path, read), { path: name, delimiter, bad })) {
      const columns = JSON.stringify(block.columns);
      if (this.#csv?.columns !== columns) this.#csv = { columns, kinds: new CsvKinds(name, block.columns, []) };
      yield new CsvPiece(block, this.#csv.kinds, name, bad);
    }
  }

  async *#readJson(path: string): AsyncGenerator<TablePiece> {
    const { bad, read } = this.#plan;
    const name = nameOf(path);
    for await (const rows of jsonRows(bytesOf(path, read), name, bad))
      yield new JsonPiece(rows, this.#jsonKinds, name, bad);
  }

  /** Looks through JSON lines for their fields, which a table has from its first row on. */
  async survey(inputs: readonly Input[]): Promise<void> {
    for (const { path, format } of inputs) {
      if (format !== 'jsonl' || path === PIPE) continue;
      const pieces = jsonRows(bytesOf(path, ignore), path, ignore);
      for await (const rows of pieces) void new JsonPiece(rows, this.#jsonKinds, path, ignore);
    }
  }

  async *#readArrow(path: string): AsyncGenerator<TablePiece> {
    const bytes = new ByteReader(async () => {
      const chunks = await openChunks(path === PIPE ? process.stdin : path).catch((error: unknown) => {
        const got = said((error as Error).cause ?? error);
        throw failure('SOURCE_UNREADABLE', `'${nameOf(path)}' must be a file that can be read, got ${got}`, error);
      });
      const next = async (wanted: number): Promise<Uint8Array | null> => {
        const chunk = await chunks.next(wanted);
        this.#plan.read(chunk?.length ?? 0);
        return chunk;
      };
      return { ...chunks, next };
    });
    const decoder = new StreamDecoder();
    try {
      for await (const message of readMessages(bytes)) {
        const batch = await decoder.decode(message);
        if (batch !== null) yield new BatchPiece(batch);
      }
    } catch (error) {
      if (!(error instanceof SmoothingError) || error.code !== 'ARROW_FORMAT') throw error;
      throw failure(error.code, `'${nameOf(path)}': ${error.message}`, error); // which of several
    } finally {
      await bytes.close();
    }
  }
}

const ignore = (): void => {};
const nameOf = (path: string): string => (path === PIPE ? 'stdin' : path);

async function* readRowGroups(path: string): AsyncGenerator<TablePiece> {
  const batches = readParquet(
    path,
    null,
    () => Promise.resolve(arrow),
    () => false,
  );
  for await (const batch of batches) yield new BatchPiece(batch);
}
