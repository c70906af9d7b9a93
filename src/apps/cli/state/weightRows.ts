import { corrupt, savedJson } from '../../../state/saved.js';
import type { State } from '../../../values/smoother.js';
import { WEIGHT, type SavedEntry } from '../../../values/weights.js';
import { numberCell, textCell } from './cells.js';
import type { StateRows } from './stateRows.js';

/** Weights of a model: a row for each. Throws `SNAPSHOT_CORRUPT` if they are not whole. */
export function weightRows(saved: State): StateRows {
  const entries = savedJson<readonly SavedEntry[]>(saved, 'entries');
  if (!Array.isArray(entries)) throw corrupt("no list of weights for 'entries'");
  const entryOf = (row: number): SavedEntry => (entries as readonly SavedEntry[])[row]!;
  const normOf = (row: number): number => norm(saved, entryOf(row).name);
  return {
    of: 'weight',
    count: entries.length,
    heads: ['weight', 'rule', 'type', 'shape', 'norm'],
    nameOf: (row) => entryOf(row).name,
    cellsOf(row) {
      const { name, rule, type, shape } = entryOf(row);
      return [textCell(name), rule, type, `[${shape.join(', ')}]`, numberCell(normOf(row))];
    },
    recordOf(row) {
      const { name, rule, type, shape } = entryOf(row);
      return { name, rule, type, shape, norm: normOf(row) };
    },
  };
}

/** The root of the sum of squares: NaN shows. */
function norm({ shadows }: State, name: string): number {
  const values = shadows[WEIGHT + name];
  if (values === undefined) throw corrupt(`nothing for the weight '${name}'`);
  let sum = 0;
  for (const value of values) sum += Number(value) ** 2;
  return Math.sqrt(sum);
}
