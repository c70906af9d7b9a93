import { AsyncByteQueue, RecordBatch, RecordBatchStreamWriter, type Schema } from 'apache-arrow';

import { SmoothingError } from '../errors.js';
import { joined } from '../values/joined.js';
import { requireBatch } from './requireBatch.js';
import { schemaSignature } from './schemaSignature.js';

/** Takes what the writer writes at once, so that the bytes of one batch are at hand when `write` returns. */
class Collector extends AsyncByteQueue {
  readonly chunks: Uint8Array[] = [];

  override write(chunk: Uint8Array): void {
    this.chunks.push(chunk);
  }
}

/** Batches in, the bytes of one Arrow IPC stream out, batch by batch. Knows no files. */
export class StreamEncoder {
  readonly #collector = new Collector();
  readonly #writer: RecordBatchStreamWriter = new RecordBatchStreamWriter();
  #schema: Schema | null = null;
  #signature = '';

  constructor() {
    this.#writer.reset(this.#collector);
  }

  /**
   * The bytes of one batch, the schema's in front of the first.
   *
   * @param batch - any number of rows
   * @returns a copy: the batch's memory may be used again
   * @throws SmoothingError `VALUE_KIND` if it is not a RecordBatch; `SCHEMA_CHANGED` if its fields differ from the first one's
   */
  encode(batch: RecordBatch): Uint8Array {
    requireBatch(batch, 'writeArrow');
    try {
      this.#writer.write(this.#underFirstSchema(batch));
      return this.#take();
    } catch (error) {
      this.#collector.chunks.length = 0; // half a batch must not reach the file
      throw error;
    }
  }

  /** The end-of-stream mark; nothing if there was no batch. */
  end(): Uint8Array {
    if (this.#schema !== null) this.#writer.close();
    return this.#take();
  }

  /** A batch that carries the very schema of the first: its writer closes, without a word, on any that it finds different. */
  #underFirstSchema(batch: RecordBatch): RecordBatch {
    if (this.#schema === null) {
      this.#schema = batch.schema;
      this.#signature = schemaSignature(batch.schema);
    }
    if (batch.schema === this.#schema) return batch;
    const signature = schemaSignature(batch.schema);
    if (signature !== this.#signature) {
      throw new SmoothingError(
        'SCHEMA_CHANGED',
        `every batch must have the first one's fields, ${fieldsOf(this.#schema)}, got ${fieldsOf(batch.schema)}`,
      );
    }
    return new RecordBatch(this.#schema, batch.data, batch.metadata);
  }

  #take(): Uint8Array {
    return joined(this.#collector.chunks.splice(0));
  }
}

function fieldsOf(schema: Schema): string {
  return `(${schema.fields.map((field) => String(field)).join(', ')})`;
}
