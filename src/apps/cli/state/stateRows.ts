/** What a state holds, row by row: of each key, or weight. */
export interface StateRows {
  /** What a row is of; null if there is but one, of everything. */
  readonly of: 'key' | 'weight' | null;
  readonly count: number;
  /** What the table's columns are called. */
  readonly heads: readonly string[];
  /** What it is called, for people to say. */
  nameOf(row: number): string;
  /** As the table has it. */
  cellsOf(row: number): readonly string[];
  /** As JSON has it. */
  recordOf(row: number): object;
}
