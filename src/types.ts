/** A tfjs tensor or variable, of any backend and any copy of the library. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  clone(): TensorLike;
  dispose(): void;
}

/** An apache-arrow RecordBatch. */
export interface BatchLike {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
}

/** Weights by name. */
export type WeightMap<W = TensorLike | Float32Array | Float64Array> = Readonly<Record<string, W>>;

export type IntVector =
  Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** T in, T out; only integers and literal types widen. */
export type Smoothed<T> = T extends number ? number : T extends IntVector ? Float64Array : T;

/** Integers of 64 bits: they are copied, never averaged. */
export type BigIntVector = BigInt64Array | BigUint64Array;

/** Arrays that a snapshot may hold. */
export type SavedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigIntVector;

/** The state of a smoother as plain data: JSON-safe scalars beside typed arrays; structured-clone safe. */
export interface Snapshot {
  readonly version: 1;
  /** The options it was made under, as canonical JSON: another plan refuses it by name. */
  readonly plan: string;
  readonly scalars: Readonly<Record<string, number | string>>;
  readonly shadows: Readonly<Record<string, SavedArray>>;
}

/** What tells apart the series of one stream. */
export type Key = string | number | bigint | boolean | null;
