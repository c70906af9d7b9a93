import { createColors } from 'picocolors';

import { xAxis, yAxis, type Axis } from '../axes.js';
import type { Curve, Figure, Panel } from '../figure.js';
import { shortNumber } from '../tickLabels.js';
import { Braille, type Paint } from './braille.js';
import { drawLine, drawMarks } from './curves.js';
import { typed, wrapped } from './lines.js';

/** What the terminal can do. */
export interface Terminal {
  /** In characters. */
  readonly columns: number;
  readonly colour: boolean;
}

interface Style extends Terminal {
  readonly rows: number;
  readonly paints: ReturnType<typeof createColors>;
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
  const explained = `${caption} · numbers: last, smoothed`;
  const below = explained.length <= columns ? explained : caption;
  const lines = [paints.bold(typed(title)), paints.dim(below)];
  for (const panel of panels) lines.push('', ...panelLines(panel, figure, { columns, rows, paints, colour }));
  return `${lines.join('\n')}\n`;
}

function panelLines(panel: Panel, figure: Figure, style: Style): string[] {
  const { columns, rows, paints, colour } = style;
  const visible = colour ? panel.curves : panel.curves.map((curve) => ({ ...curve, raw: curve.smooth }));
  const heights = yAxis({ ...panel, curves: visible }, figure.logY, [4 * rows - 1, 0]);
  const labels = labelled(heights, rows);
  const margin = Math.max(...labels.map((label) => label.length));
  const canvas = new Braille(Math.max(NARROWEST, columns - margin - 2), rows);
  const places = xAxis(figure, [0, canvas.width - 1]);
  for (const curve of panel.curves) {
    const paint = paintOf(curve, style);
    const faint: Paint = (text) => paints.dim(paint?.(text) ?? text);
    if (colour) drawLine(canvas, curve.x, curve.raw, { places, heights, layer: 0, paint: faint });
    drawLine(canvas, curve.x, curve.smooth, { places, heights, layer: 1, paint });
    drawMarks(canvas, curve, places, paint);
  }
  const drawn = canvas.lines().map((line, i) => `${labels[i]!.padStart(margin)} │${line}`.trimEnd());
  const wide = canvas.width / 2;
  return [
    ...headLines(panel, figure, style),
    ...drawn,
    `${' '.repeat(margin)} └${'─'.repeat(wide)}`,
    xLine(places, wide, margin + 2, figure),
  ];
}

const paintOf = ({ colour: n }: Curve, { colour, paints }: Style): Paint =>
  colour ? paints[COLOURS[n % COLOURS.length]!] : null;

/** The metric, and of each curve where it has come to. */
function headLines({ title, curves }: Panel, { names }: Figure, style: Style): string[] {
  const entries = curves.map((curve) => {
    const last = [...curve.smooth].reverse().find((value) => Number.isFinite(value));
    const value = last === undefined ? '-' : typed(shortNumber(last));
    return { text: names.length > 1 ? `${typed(curve.name)} ${value}` : value, paint: paintOf(curve, style) };
  });
  return wrapped([{ text: typed(title), paint: style.paints.bold }, ...entries], style.columns);
}

/** What stands beside each row. */
function labelled(axis: Axis, rows: number): string[] {
  const labels = Array.from({ length: rows }, () => '');
  for (const { value, label } of axis.ticks(Math.max(2, Math.round(rows / 3)))) {
    const row = Math.floor(axis.at(value) / 4);
    if (row >= 0 && row < rows) labels[row] ||= typed(label);
  }
  return labels;
}

/** Labels of the x axis below their places, those that have room before its name. */
function xLine(axis: Axis, columns: number, margin: number, { x }: Figure): string {
  const name = ` ${x.label}`;
  const room = margin + columns - name.length;
  let line = '';
  for (const { value, label } of axis.ticks(Math.max(2, Math.round(columns / 16)))) {
    const text = typed(label);
    const at = Math.max(0, margin + Math.round((axis.at(value) - text.length) / 2));
    if (text !== '' && (line === '' || at > line.length) && at + text.length <= room) line = line.padEnd(at) + text;
  }
  return line.padEnd(room) + name;
}
