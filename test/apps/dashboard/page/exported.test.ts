import { tableFromIPC } from 'apache-arrow';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { Ema } from 'rx-ema';
import { Curve } from '../../../../src/apps/dashboard/curve.js';
import { exported } from '../../../../src/apps/dashboard/page/exported.js';

const START_MS = Date.UTC(2026, 0, 1);
const VALUES = [3, NaN, 1.25, Infinity, 2];
const smoothing = { decay: 0.9, corrected: true, band: false };

function curveOf(run: string, tag: string, startMs: number): { curve: Curve; cuts: number } {
  const curve = new Curve(run, tag, null);
  for (const [i, value] of VALUES.entries()) curve.push(i, startMs + i, value);
  return { curve, cuts: 0 };
}

const held = new Map([
  [4, curveOf('a', 'train/loss', START_MS)],
  [5, curveOf('b', 'acc, "top 1"', NaN)],
]);
const curves = [
  { curve: 4, run: 'first, renamed', smoothing },
  { curve: 5, run: 'b', smoothing },
];
const ema = new Ema({ decay: 0.9 });
const SMOOTH = VALUES.map((x) => (Number.isFinite(x) ? ema.update(x) : null));

async function file(format: 'csv' | 'arrow'): Promise<Blob> {
  const told = await exported({ ask: 'export', format, curves }, held);
  if (told.tell !== 'exported') throw new Error(told.tell);
  expect(told.name).toBe(`scalars.${format}`);
  return told.file;
}

describe('exported', () => {
  it('has every point as CSV, raw and smoothed, under the names shown', async () => {
    const { data, errors } = Papa.parse<string[]>((await (await file('csv')).text()).trimEnd());
    expect(errors).toEqual([]);
    expect(data[0]).toEqual(['run', 'metric', 'step', 'time_ms', 'value', 'smoothed']);
    const rows = data.slice(1);
    expect(rows.map(([run]) => run)).toEqual([...Array(5).fill('first, renamed'), ...Array(5).fill('b')]);
    expect(rows[5]!.slice(1, 4)).toEqual(['acc, "top 1"', '0', '']);
    expect(rows[2]![3]).toBe(String(START_MS + 2));
    for (const [i, row] of rows.entries()) {
      expect(Number(row[4])).toBe(VALUES[i % 5]);
      const smooth = SMOOTH[i % 5];
      if (smooth == null) expect(row[5]).toBe('');
      else expect(Number(row[5])).toBeCloseTo(smooth, 6);
    }
  });

  it('has the same as Arrow, with types', async () => {
    const table = tableFromIPC(new Uint8Array(await (await file('arrow')).arrayBuffer()));
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      'run: Dictionary<Int32, Utf8>',
      'metric: Dictionary<Int32, Utf8>',
      'step: Float64',
      'time: Timestamp<MILLISECOND>',
      'value: Float64',
      'smoothed: Float64',
    ]);
    const rows = table.toArray().map((row) => row.toJSON() as Record<string, unknown>);
    expect(rows.map(({ run }) => run)).toEqual([...Array(5).fill('first, renamed'), ...Array(5).fill('b')]);
    expect(rows.map(({ value }) => value)).toEqual([...VALUES, ...VALUES]);
    expect(rows.map(({ time }) => time)).toEqual([...VALUES.map((_, i) => START_MS + i), ...Array(5).fill(null)]);
    for (const [i, { smoothed }] of rows.entries()) {
      if (SMOOTH[i % 5] === null) expect(smoothed).toBeNull();
      else expect(smoothed).toBeCloseTo(SMOOTH[i % 5]!, 6);
    }
  });
});
