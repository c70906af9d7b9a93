import { Bool, Field, Float64, Schema, Utf8, vectorFromArray, type Data, type RecordBatch } from 'apache-arrow';

import { shown, SmoothingError } from '../../../errors.js';
import { nonFinite } from '../../../sources/nonFinite.js';
import { NumberColumn, stampData, textData } from './columns.js';
import { dateNumber } from './dateNumber.js';
import { recordBatch } from './recordBatch.js';
import type { TimeUnit } from './smoothFlags.js';
import type { ColumnKind, TablePiece } from './tablePiece.js';

/** An object in a file, and the number of its line. */
export interface JsonRow {
  readonly record: Record<string, unknown>;
  readonly line: number;
}

/** What the fields of a table hold, by name, in the order in which they came up: as their first values say. */
export type JsonKinds = Map<string, 'number' | 'boolean' | 'text' | null>;

/** Rows of JSON lines. */
export class JsonPiece implements TablePiece {
  readonly isWhole = false;
  records: readonly JsonRow[];
  readonly #kinds: JsonKinds;
  readonly #path: string;
  readonly #bad: (error: SmoothingError) => void;
  #numbers = new Map<string, Data>();
  #stamps: Data | null = null;

  constructor(records: readonly JsonRow[], kinds: JsonKinds, path: string, bad: (error: SmoothingError) => void) {
    this.records = records;
    this.#kinds = kinds;
    this.#path = path;
    this.#bad = bad;
    for (const { record } of records) {
      for (const name of Object.keys(record)) if (kinds.get(name) == null) kinds.set(name, kindOf(record[name]));
    }
  }

  get rows(): number {
    return this.records.length;
  }

  get columns(): readonly string[] {
    return [...this.#kinds.keys()];
  }

  kindOf(column: string): ColumnKind {
    const kind = this.#kinds.get(column) ?? null;
    return kind === null ? null : kind === 'number' ? 'floats' : 'other';
  }

  prepare(numbers: readonly string[], time: string | null, unit: TimeUnit): void {
    const isBad = ({ record, line }: JsonRow): boolean => {
      const name = numbers.find((one) => numberOf(record[one]) === undefined);
      if (name !== undefined) this.#refuse(line, name, 'a number as in the lines before', record[name]);
      const isLate = time !== null && name === undefined && !Number.isFinite(stampOf(record[time], unit));
      if (isLate) this.#refuse(line, time, 'a number or a date', record[time]);
      return name !== undefined || isLate;
    };
    const good = this.records.filter((row) => !isBad(row));
    if (good.length < this.records.length) this.#numbers.clear();
    this.records = good;
    for (const name of numbers) this.#numbers.set(name, this.#read(name));
    if (time !== null) {
      const stamps = Float64Array.from(this.records, ({ record }) => stampOf(record[time], unit));
      this.#stamps = stampData(stamps, unit);
    }
  }

  numbers(column: string): Data {
    return this.#numbers.get(column)!;
  }

  keys(column: string): Data {
    return this.#texts(column);
  }

  stamps(): Data {
    return this.#stamps!;
  }

  batch(): RecordBatch {
    const { columns } = this;
    this.prepare(
      columns.filter((name) => this.kindOf(name) !== 'other' && !this.#numbers.has(name)),
      null,
      'ms',
    );
    const parts = columns.map((name): [Field, Data] => {
      if (this.kindOf(name) !== 'other') return [new Field(name, new Float64(), true), this.numbers(name)];
      if (this.#kinds.get(name) === 'text') return [new Field(name, new Utf8(), true), this.#texts(name)];
      const flags = this.records.map(({ record }) => (typeof record[name] === 'boolean' ? record[name] : null));
      return [new Field(name, new Bool(), true), vectorFromArray(flags, new Bool()).data[0]!];
    });
    const schema = new Schema(parts.map(([field]) => field));
    return recordBatch(
      schema,
      parts.map(([, child]) => child),
      this.rows,
    );
  }

  #texts(column: string): Data {
    return textData(this.records.map(({ record }) => textOf(record[column])));
  }

  #read(column: string): Data {
    const numbers = new NumberColumn(this.rows);
    this.records.forEach(({ record }, row) => {
      const value = numberOf(record[column]);
      if (value == null) numbers.setNull(row);
      else numbers.values[row] = value;
    });
    return numbers.data();
  }

  #refuse(line: number, name: string, must: string, got: unknown): void {
    this.#bad(
      new SmoothingError(
        'FILE_FORMAT',
        `'${this.#path}' line ${line}, field '${name}': must be ${must}, got ${shown(got)}`,
      ),
    );
  }
}

function kindOf(value: unknown): 'number' | 'boolean' | 'text' | null {
  if (value == null) return null;
  if (typeof value === 'boolean') return 'boolean';
  return numberOf(value) === undefined ? 'text' : 'number';
}

/** Null if there is no value, undefined if it is no number; also `"NaN"` and the infinities, as text. */
function numberOf(value: unknown): number | null | undefined {
  if (typeof value === 'number') return value;
  if (value == null) return null;
  return typeof value === 'string' ? nonFinite(value) : undefined;
}

function textOf(value: unknown): string | null {
  if (value == null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function stampOf(value: unknown, unit: TimeUnit): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? dateNumber(value.trim(), unit) : NaN;
}
