/** Numbers that arrive in pieces, as typed arrays by name. Memory doubles as they grow; a missing value is NaN. */
export class Columns {
  #arrays;
  length = 0;

  constructor(names) {
    this.#arrays = new Map(names.map((name) => [name, new Float64Array(1024)]));
  }

  /** Appends a piece: an array of numbers and nulls for each name. */
  append(piece) {
    const [first] = this.#arrays.keys();
    const length = this.length + piece[first].length;
    for (const [name, array] of this.#arrays) {
      const room = array.length < length ? grown(array, length) : array;
      piece[name].forEach((value, i) => (room[this.length + i] = value ?? NaN));
      this.#arrays.set(name, room);
    }
    this.length = length;
  }

  /** What there is of a name: a view, until the next `append`. */
  get(name) {
    return this.#arrays.get(name).subarray(0, this.length);
  }
}

function grown(array, length) {
  const room = new Float64Array(2 ** Math.ceil(Math.log2(length)));
  room.set(array);
  return room;
}

/** Index of the first value >= x in ascending values. */
export function indexOf(values, x) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * At most about `limit` points of several columns over one x: where there are more, the least and the greatest of each
 * bucket in the order in which they come, so that no spike is lost.
 */
export function thinned([x, ...columns], limit) {
  const size = Math.ceil((2 * x.length) / limit);
  if (size <= 2) return [x, ...columns];
  const buckets = Math.ceil(x.length / size);
  const thinX = new Float64Array(2 * buckets);
  for (let b = 0; b < buckets; b++) {
    thinX[2 * b] = x[b * size];
    thinX[2 * b + 1] = x[Math.min((b + 1) * size, x.length) - 1];
  }
  return [thinX, ...columns.map((column) => extremes(column, size, buckets))];
}

function extremes(column, size, buckets) {
  const out = new Float64Array(2 * buckets);
  for (let b = 0; b < buckets; b++) {
    const end = Math.min((b + 1) * size, column.length);
    let least = b * size;
    let greatest = least;
    for (let i = least + 1; i < end; i++) {
      if (column[i] < column[least]) least = i;
      if (column[i] > column[greatest]) greatest = i;
    }
    out[2 * b] = column[Math.min(least, greatest)];
    out[2 * b + 1] = column[Math.max(least, greatest)];
  }
  return out;
}
