import { arrayOf, type Kind, type Numbers } from './column.js';

/** How far a reader has come with one curve. */
export interface Position {
  readonly curve: number;
  /** How often the curve had been cut. */
  readonly cuts: number;
  readonly count: number;
}

/** What a reader asks for: all that lies behind these positions. */
export interface PointsRequest {
  /** The server's, which the positions are of; another one's count for nothing. */
  readonly session: string;
  readonly positions: readonly Position[];
}

/** Points of one curve. */
export interface Part {
  readonly curve: number;
  readonly run: string;
  readonly tag: string;
  readonly cuts: number;
  /** Where these points go: what a reader has from there on is void. */
  readonly from: number;
  /** ms since the Unix epoch that `times` count from; null if nobody said. */
  readonly firstMs: number | null;
  readonly steps: Numbers;
  readonly times: Numbers;
  readonly values: Numbers;
}

/** What a reader gets. */
export interface Points {
  readonly session: string;
  /** Points that the server had taken in when it answered. */
  readonly sequence: number;
  /** There is more to be asked for at once. */
  readonly more: boolean;
  readonly parts: readonly Part[];
}

/** What the server tells of itself whenever it has changed. */
export interface Status {
  readonly session: string;
  readonly sequence: number;
  readonly title: string;
  /** Nothing comes any more. */
  readonly ended: boolean;
  /** What it ended with, where it failed; null where it has not. */
  readonly failure: string | null;
  /** What could not be read, newest last. */
  readonly problems: readonly string[];
}

const COLUMNS = ['steps', 'times', 'values'] as const;
const ALIGNED = 8;

type PartHead = Omit<Part, (typeof COLUMNS)[number]> & { readonly length: number; readonly kinds: readonly Kind[] };
type Head = Omit<Points, 'parts'> & { readonly parts: readonly PartHead[] };

/** Points ↔ bytes: the length of a JSON header as uint32, the header, then the columns, each from a multiple of 8 on. */
export function encodePoints(points: Points): Uint8Array {
  const parts = points.parts.map(({ steps, times, values, ...part }): PartHead => {
    return { ...part, length: values.length, kinds: [steps, times, values].map(kindOf) };
  });
  const head = new TextEncoder().encode(JSON.stringify({ ...points, parts } satisfies Head));
  const columns = points.parts.flatMap((part) => COLUMNS.map((name) => part[name]));
  const start = aligned(4 + head.length);
  const bytes = new Uint8Array(columns.reduce((sum, { byteLength }) => sum + aligned(byteLength), start));
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  let at = start;
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += aligned(column.byteLength);
  }
  return bytes;
}

/** @returns points that are views of the bytes */
export function decodePoints(bytes: ArrayBuffer): Points {
  const length = new DataView(bytes).getUint32(0, true);
  const { parts, ...rest } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as Head;
  let at = aligned(4 + length);
  const next = (kind: Kind, count: number): Numbers => {
    const column = arrayOf(kind, bytes, at, count);
    at += aligned(column.byteLength);
    return column;
  };
  return {
    ...rest,
    parts: parts.map(({ length, kinds, ...part }) => {
      const [steps, times, values] = kinds.map((kind) => next(kind, length)) as [Numbers, Numbers, Numbers];
      return { ...part, steps, times, values };
    }),
  };
}

function kindOf(numbers: Numbers): Kind {
  if (numbers instanceof Uint32Array) return 'uint32';
  return numbers instanceof Float32Array ? 'float32' : 'float64';
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNED) * ALIGNED;
