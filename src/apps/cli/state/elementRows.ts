import { corrupt, savedJson } from '../../../state/saved.js';
import type { State } from '../../../values/smoother.js';
import { numberCell, rangeCell } from './cells.js';
import type { StateRows } from './stateRows.js';

/** Elements that a table shows of an array. */
const SHOWN = 6;

/** A typed array or a tensor: one row. Throws `SNAPSHOT_CORRUPT` if it is not whole. */
export function elementRows(saved: State, kind: string): StateRows {
  const y = numbersIn(saved, 'y');
  const shape = kind === 'tensor' ? savedJson<readonly number[]>(saved, 'shape') : [y.length];
  const [steps, weights] = [numbersIn(saved, 'step'), numbersIn(saved, 'weight')];
  const [, step] = rangeOf(steps);
  const type = String(saved.scalars[kind === 'tensor' ? 'dtype' : 'type']);
  return {
    of: null,
    count: 1,
    heads: ['step', 'weight', 'type', 'shape', 'average'],
    nameOf: () => '',
    cellsOf: () => [String(step), rangeCell(rangeOf(weights)), type, `[${shape.join(', ')}]`, firstOf(y)],
    recordOf: () => ({
      step,
      weight: weights.length === 1 ? weights[0] : [...weights],
      type,
      shape,
      average: [...y],
    }),
  };
}

function numbersIn({ shadows }: State, name: string): Float64Array | Float32Array {
  const numbers = shadows[name];
  if (numbers instanceof Float64Array || numbers instanceof Float32Array) return numbers;
  throw corrupt(`no numbers for '${name}'`);
}

/** The least and the greatest. */
function rangeOf(numbers: Float64Array | Float32Array): [least: number, most: number] {
  let [least, most] = [numbers[0] ?? NaN, numbers[0] ?? NaN];
  for (const one of numbers) [least, most] = [Math.min(least, one), Math.max(most, one)];
  return [least, most];
}

function firstOf(numbers: Float64Array | Float32Array): string {
  const first = Array.from(numbers.subarray(0, SHOWN), numberCell).join(' ');
  return numbers.length > SHOWN ? `${first} …` : first;
}
