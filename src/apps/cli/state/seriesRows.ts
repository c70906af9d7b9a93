import type { Given } from '../../../options.js';
import { SERIES_KINDS } from '../../../state/halves.js';
import { nameOf } from '../../../state/resume.js';
import { savedArray, savedJson, savedKeys } from '../../../state/saved.js';
import { stampUnit, type StampUnit } from '../../../state/stampUnit.js';
import type { Key } from '../../../types.js';
import type { State } from '../../../values/smoother.js';
import { NONE, numberCell, rangeCell, textCell } from './cells.js';
import { keyParts, keyText, keyValue } from './keyParts.js';
import { stampText } from './stampText.js';
import type { StateRows } from './stateRows.js';

/** Something that is read of every slot. */
interface Reading {
  readonly name: string;
  /** Column by column, of each key. */
  readonly numbers: Float64Array;
}

const AVERAGE = 'average';

/** Columns of numbers: a row for each key. */
export class SeriesRows implements StateRows {
  readonly of: 'key' | null;
  readonly count: number;
  readonly heads: readonly string[];
  /** The columns; null where there is but one number. */
  readonly names: readonly string[] | null;
  readonly #keys: readonly Key[];
  /** Values that a key is made of. */
  readonly #parts: number;
  readonly #steps: Float64Array;
  readonly #weights: Float64Array | null;
  readonly #readings: readonly Reading[];
  readonly #stamps: Float64Array | null;
  readonly #unit: StampUnit;

  /** Throws `SNAPSHOT_CORRUPT` if they are not whole. */
  constructor(saved: State, kind: string, plan: Given) {
    const { by } = plan;
    this.of = by === null ? null : 'key';
    this.names = namesOf(saved, kind);
    this.#parts = Array.isArray(by) ? by.length : 1;
    this.#keys = by === null ? [null] : savedKeys(saved);
    this.count = this.#keys.length;
    const slots = (this.names?.length ?? 1) * this.count;
    const numbers = (field: string): Float64Array => savedArray(saved, field, Float64Array, slots);
    this.#steps = numbers('step');
    this.#weights = isWeighed(plan) ? numbers('weight') : null;
    this.#readings = readingsOf(plan, numbers);
    this.#stamps = stampsOf(saved, this.count);
    const { roles } = saved.scalars;
    this.#unit = stampUnit(typeof roles === 'string' ? roles : null, plan['time']);
    this.heads = this.#heads();
  }

  nameOf(row: number): string {
    return keyText(this.#partsOf(row));
  }

  cellsOf(row: number): string[] {
    const readings = this.#readings.flatMap(({ numbers }) =>
      this.#slots(row).map((slot) => numberCell(numbers[slot]!)),
    );
    return [
      ...(this.of === null ? [] : [textCell(this.nameOf(row))]),
      String(this.#stepOf(row)),
      ...(this.#weights === null ? [] : [rangeCell(this.#slots(row).map((slot) => this.#weights![slot]!))]),
      ...(this.#stamps === null ? [] : [this.#stampOf(row) ?? NONE]),
      ...readings,
    ];
  }

  recordOf(row: number): object {
    const record: Record<string, unknown> = {};
    if (this.of !== null) record['key'] = keyValue(this.#partsOf(row));
    record['step'] = this.#stepOf(row);
    if (this.#weights !== null) record['weight'] = this.#byName(this.#weights, row);
    if (this.#stamps !== null) record['newest'] = this.#stampOf(row);
    for (const { name, numbers } of this.#readings) record[name] = this.#byName(numbers, row);
    return record;
  }

  #heads(): string[] {
    const { names } = this;
    const ofReading = ({ name }: Reading): readonly string[] =>
      names === null ? [name] : name === AVERAGE ? names : names.map((column) => `${column} ${name}`);
    return [
      ...(this.of === null ? [] : ['key']),
      'step',
      ...(this.#weights === null ? [] : ['weight']),
      ...(this.#stamps === null ? [] : ['newest stamp']),
      ...this.#readings.flatMap(ofReading),
    ];
  }

  #partsOf(row: number): readonly Key[] {
    return keyParts(this.#keys[row]!, this.#parts);
  }

  #slots(row: number): number[] {
    return Array.from({ length: this.names?.length ?? 1 }, (_, column) => column * this.count + row);
  }

  /** The most of any column. */
  #stepOf(row: number): number {
    let most = 0;
    for (let slot = row; slot < this.#steps.length; slot += this.count) most = Math.max(most, this.#steps[slot]!);
    return most;
  }

  #stampOf(row: number): string | null {
    return stampText(this.#stamps![2 * row]!, this.#stamps![2 * row + 1]!, this.#unit);
  }

  #byName(numbers: Float64Array, row: number): unknown {
    if (this.names === null) return numbers[row];
    return Object.fromEntries(this.names.map((name, column) => [name, numbers[column * this.count + row]]));
  }
}

function namesOf(saved: State, kind: string): readonly string[] | null {
  const { columns, perTable } = SERIES_KINDS[kind]!;
  if (columns === 'one' || perTable > 1) return null; // a pair has one number
  const names = savedJson<readonly string[]>(saved, 'columns');
  return columns === 'types' ? names.map(nameOf) : names;
}

/** False where the numbers of that name are none that an average rests on. */
function isWeighed({ stat, hold }: Given): boolean {
  return stat === undefined ? hold === 'sample' : stat !== 'sum';
}

/** Of an Ema the corrected averages, of an EwmState what came out last. */
function readingsOf(plan: Given, numbers: (field: string) => Float64Array): Reading[] {
  const stat = plan['stat'] as string | undefined;
  if (stat === undefined) return [{ name: AVERAGE, numbers: numbers('y') }];
  const last = numbers('last');
  if (stat !== 'bands') return [{ name: stat, numbers: last }];
  const spread = numbers('spread').map((std, slot) => (std < 0 || Number.isNaN(last[slot]) ? NaN : std)); // −1: not yet
  return [
    { name: 'mean', numbers: last },
    { name: 'std', numbers: spread },
  ];
}

/** Null where none has come, or they don't count. */
function stampsOf(saved: State, count: number): Float64Array | null {
  if (!('stamps' in saved.shadows)) return null;
  const stamps = savedArray(saved, 'stamps', Float64Array, 2 * count);
  return stamps.some((word) => !Number.isNaN(word)) ? stamps : null;
}
