import type { Line } from './contract.js';

/** Values that have no place on an axis: NaN, +∞, −∞. */
export type MarkKind = 'nan' | 'high' | 'low';

/** How each kind is written, and what it is. */
export const MARK_NAMES: Readonly<Record<MarkKind, readonly [sign: string, name: string]>> = {
  nan: ['×', 'NaN'],
  high: ['▲', '+∞'],
  low: ['▼', '−∞'],
};

/** All kinds. */
export const MARK_KINDS: readonly MarkKind[] = ['nan', 'high', 'low'];

/** A mark, and where it stands, in pixels. */
export interface Mark {
  readonly kind: MarkKind;
  readonly at: number;
}

/** Of a value that is not finite. */
export function kindOf(value: number): MarkKind {
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'high' : 'low';
}

/** Marks for values that are not finite, one of a kind for each pixel. */
export function marksIn({ x, y }: Line, project: (x: number) => number, width: number): Mark[] {
  const marks = new Map<string, Mark>();
  for (let i = 0; i < x.length; i++) {
    const at = Math.round(project(x[i]!));
    if (!(at >= 0 && at <= width)) continue;
    const kind = kindOf(y[i]!);
    marks.set(`${kind} ${at}`, { kind, at });
  }
  return [...marks.values()];
}

/** How many of each kind there are. */
export function countMarks(lines: readonly Line[]): Readonly<Record<MarkKind, number>> {
  const counts = { nan: 0, high: 0, low: 0 };
  for (const { y } of lines) for (const value of y) counts[kindOf(value)]++;
  return counts;
}

/** The lines of a mark: a cross for NaN, to be stroked; a triangle that points to where an infinity went, to be filled. */
export function markOf(
  kind: MarkKind,
  x: number,
  y: number,
  size: number,
): readonly (readonly (readonly [number, number])[])[] {
  const s = size * 0.8;
  if (kind === 'nan') return [-1, 1].map((up) => [[x - s, y - up * s] as const, [x + s, y + up * s] as const]);
  const up = kind === 'high' ? -1 : 1;
  return [[[x, y + up * size] as const, [x + size, y - up * s] as const, [x - size, y - up * s] as const]];
}
