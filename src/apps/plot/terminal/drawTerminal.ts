import { createColors } from 'picocolors';

import { xAxis, yAxis, type Axis } from '../axes.js';
import type { Curve, Figure, Panel } from '../figure.js';
import { thin } from '../thin.js';
import { shortNumber } from '../tickLabels.js';
import { Braille, type Paint } from './braille.js';

/** What the terminal can do. */
export interface Terminal {
  /** In characters. */
  readonly columns: number;
  readonly colour: boolean;
}

const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'red', 'blue', 'white'] as const;
const NARROWEST = 10;

/**
 * The figure in characters, panel below panel: smoothed lines bright, raw ones dim behind them. Without colours nobody could
 * tell these apart, so the smoothed ones stand alone.
 */
export function drawTerminal(figure: Figure, { columns, colour }: Terminal): string {
  const { panels, title, caption } = figure;
  const rows = panels.length === 1 ? 16 : panels.length <= 4 ? 10 : 6;
  const paints = createColors(colour);
  const bold = colour ? paints.bold : (text: string): string => text;
  const lines = [bold(printable(title)), paints.dim(caption)];
  for (const panel of panels) lines.push('', ...panelLines(panel, figure, { columns, rows, paints, colour }));
  return `${lines.join('\n')}\n`;
}

interface Style {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
  readonly paints: ReturnType<typeof createColors>;
}

function panelLines(panel: Panel, figure: Figure, { columns, rows, paints, colour }: Style): string[] {
  const heights = yAxis(panel, figure.logY, [4 * rows - 1, 0]);
  const labels = labelled(heights, rows);
  const margin = Math.max(...labels.map((label) => label.length));
  const canvas = new Braille(Math.max(NARROWEST, columns - margin - 2), rows);
  const places = xAxis(figure, [0, canvas.width - 1]);
  const paintOf = ({ colour: n }: Curve): Paint => (colour ? paints[COLOURS[n % COLOURS.length]!] : null);
  for (const curve of panel.curves) {
    const paint = paintOf(curve);
    if (paint !== null) drawLine(canvas, curve.x, curve.raw, places, heights, 0, (text) => paints.dim(paint(text)));
    drawLine(canvas, curve.x, curve.smooth, places, heights, 1, paint);
    drawMarks(canvas, curve, places, paint);
  }
  const legend = panel.curves.map((curve) => {
    const name = panel.curves.length > 1 || figure.names.length > 1 ? `${printable(curve.name)} ` : '';
    const last = [...curve.smooth].reverse().find((value) => Number.isFinite(value));
    const entry = `${name}${last === undefined ? 'nothing' : ascii(shortNumber(last))}`;
    return colour ? paintOf(curve)!(entry) : entry;
  });
  const drawn = canvas.lines().map((line, i) => `${labels[i]!.padStart(margin)} │${line}`.trimEnd());
  return [
    `${colour ? paints.bold(printable(panel.title)) : printable(panel.title)}  ${legend.join(colour ? '  ' : ', ')}`,
    ...drawn,
    `${' '.repeat(margin)} └${'─'.repeat(canvas.width / 2)}`,
    xLine(places, canvas.width / 2, margin + 2, figure),
  ];
}

/** What stands beside each row. */
function labelled(axis: Axis, rows: number): string[] {
  const labels = Array.from({ length: rows }, () => '');
  for (const { value, label } of axis.ticks(Math.max(2, Math.round(rows / 3)))) {
    const row = Math.floor(axis.at(value) / 4);
    if (row >= 0 && row < rows) labels[row] ||= ascii(label);
  }
  return labels;
}

/** Labels of the x axis below their places, those that have room. */
function xLine(axis: Axis, columns: number, margin: number, { x }: Figure): string {
  const ticks = axis.ticks(Math.max(2, Math.round(columns / 16)));
  const name = ` ${x.label}`;
  let line = ' '.repeat(margin);
  for (const { value, label } of ticks) {
    const text = ascii(label);
    const at = margin + Math.round(axis.at(value) / 2 - text.length / 2);
    if (text === '' || (at <= line.length && line.length > margin) || at + text.length > margin + columns - name.length)
      continue;
    line = line.padEnd(Math.max(at, 0)) + text;
  }
  return line.padEnd(margin + columns - name.length) + name;
}

function drawLine(
  canvas: Braille,
  x: Float64Array,
  y: Float64Array,
  places: Axis,
  heights: Axis,
  layer: number,
  paint: Paint,
): void {
  const [from, to] = places.domain;
  let before: readonly [number, number] | null = null;
  for (const i of thin(x, y, 0, x.length, from, to, canvas.width, places.log)) {
    if (heights.log && y[i]! <= 0) continue;
    const here = [Math.round(places.at(x[i]!)), Math.round(heights.at(y[i]!))] as const;
    canvas.line(...(before ?? here), ...here, layer, paint);
    before = here;
  }
}

/** NaN below, infinities at their ends. */
function drawMarks(canvas: Braille, { x, raw }: Curve, places: Axis, paint: Paint): void {
  for (const [i, value] of raw.entries()) {
    if (Number.isFinite(value)) continue;
    const at = Math.round(places.at(x[i]!));
    if (Number.isFinite(at))
      canvas.mark(
        at,
        value === Infinity ? 0 : canvas.height - 1,
        Number.isNaN(value) ? '×' : value > 0 ? '▲' : '▼',
        paint,
      );
  }
}

const ascii = (label: string): string => label.replaceAll('−', '-');

/** Names come from files: nothing in them may steer the terminal. */
const printable = (name: string): string => name.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD');
