import { fromBrainFloat } from '../values/brainFloat.js';
import { fromHalf } from '../values/half.js';
import { BYTES, FIXED32, FIXED64, key, VARINT, type Wire } from './wire.js';

/** A type of tensors: how an element stands in `tensor_content`, and in which field elements are listed otherwise. */
interface Dtype {
  readonly size: number;
  read(view: DataView): number;
  readonly field: number;
  /** Of a listed element. */
  listed(wire: Wire, end: number): number;
  readonly wireType: number;
}

const integers = (field: number) => ({
  field,
  wireType: VARINT,
  listed: (wire: Wire, end: number) => wire.integer(end),
});
const halves = (value: (bits: number) => number): Dtype => ({
  size: 2,
  read: (view) => value(view.getUint16(0, true)),
  field: 13,
  wireType: VARINT,
  listed: (wire, end) => value(wire.varint(end) % 2 ** 16),
});

/** TensorFlow's types of real numbers, by their numbers in `DataType`. */
const DTYPES: ReadonlyMap<number, Dtype> = new Map([
  [
    1,
    {
      size: 4,
      read: (view) => view.getFloat32(0, true),
      field: 5,
      wireType: FIXED32,
      listed: (wire, end) => wire.float(end),
    },
  ],
  [
    2,
    {
      size: 8,
      read: (view) => view.getFloat64(0, true),
      field: 6,
      wireType: FIXED64,
      listed: (wire, end) => wire.double(end),
    },
  ],
  [3, { size: 4, read: (view) => view.getInt32(0, true), ...integers(7) }],
  [4, { size: 1, read: (view) => view.getUint8(0), ...integers(7) }],
  [5, { size: 2, read: (view) => view.getInt16(0, true), ...integers(7) }],
  [6, { size: 1, read: (view) => view.getInt8(0), ...integers(7) }],
  [9, { size: 8, read: (view) => Number(view.getBigInt64(0, true)), ...integers(10) }],
  [14, halves(fromBrainFloat)],
  [17, { size: 2, read: (view) => view.getUint16(0, true), ...integers(7) }],
  [19, halves(fromHalf)],
]);

const DTYPE = key(1, VARINT);
const SHAPE = key(2, BYTES);
const CONTENT = key(4, BYTES);
const DIM = key(2, BYTES);
const SIZE = key(1, VARINT);

/**
 * The number in a `TensorProto` of one element; null for a tensor of several, or of something else than real numbers.
 *
 * @param wire - at the message, and behind it afterwards
 * @param end - where the message ends
 */
export function tensorScalar(wire: Wire, end: number): number | null {
  let dtype = 0;
  let elements = 1;
  let content: Uint8Array | null = null;
  const lists: (readonly [key: number, begin: number])[] = [];
  for (let found = wire.next(end); found !== 0; found = wire.next(end)) {
    if (found === DTYPE) dtype = wire.varint(end);
    else if (found === SHAPE) elements = elementsIn(wire, wire.end(end));
    else if (found === CONTENT) content = wire.bytes(end);
    else {
      lists.push([found, wire.at]);
      wire.skip(found, end);
    }
  }
  const type = DTYPES.get(dtype);
  if (type === undefined || elements !== 1) return null;
  if (content !== null && content.length > 0) {
    if (content.length !== type.size) return null;
    return type.read(new DataView(content.buffer, content.byteOffset, content.byteLength));
  }
  const values = lists.flatMap(([found, begin]) => listed(wire, found, begin, end, type));
  wire.at = end;
  return values.length > 1 ? null : (values[0] ?? 0); // TensorFlow leaves out zeros at the end of a list
}

/** The elements in one of the other fields, if it is the dtype's; packed or not. */
function listed(wire: Wire, found: number, begin: number, end: number, type: Dtype): number[] {
  wire.at = begin;
  if (found === key(type.field, type.wireType)) return [type.listed(wire, end)];
  if (found !== key(type.field, BYTES)) return [];
  const values: number[] = [];
  const last = wire.end(end);
  while (wire.at < last) values.push(type.listed(wire, last));
  return values;
}

function elementsIn(wire: Wire, end: number): number {
  let elements = 1;
  for (let found = wire.next(end); found !== 0; found = wire.next(end)) {
    if (found === DIM) elements *= sizeOf(wire, wire.end(end));
    else wire.skip(found, end);
  }
  return elements;
}

function sizeOf(wire: Wire, end: number): number {
  let size = 0;
  for (let found = wire.next(end); found !== 0; found = wire.next(end)) {
    if (found === SIZE) size = wire.integer(end);
    else wire.skip(found, end);
  }
  return size;
}
