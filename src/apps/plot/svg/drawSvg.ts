import { xAxis } from '../axes.js';
import type { Figure } from '../figure.js';
import { LOOKS, strokeOf, type Look } from '../palette.js';
import { panelOf, type Box } from './panel.js';
import { FONTS, text, widthOf } from './text.js';
import { element, escaped } from './xml.js';

/** How large a picture is, in px, and how it looks. */
export interface Drawing {
  readonly width: number;
  /** @default 500 for a row of panels, 260 for each of several */
  readonly height?: number | undefined;
  readonly theme: 'light' | 'dark';
}

const MARGIN = 14;
const TITLE = 16;
const LEGEND = 12;
const CAPTION = 11;
const NARROWEST = 280;

/** The figure as an SVG document that needs nothing beside it: text stays text, and every name is escaped. */
export function drawSvg(figure: Figure, { width, height, theme }: Drawing): string {
  const look = LOOKS[theme];
  const { panels, title } = figure;
  const head = headOf(figure, width, look);
  const columns = Math.max(1, Math.min(Math.ceil(Math.sqrt(panels.length)), Math.floor(width / NARROWEST)));
  const rows = Math.ceil(panels.length / columns);
  const whole = height ?? (rows === 1 ? 500 : head.bottom + rows * 260);
  const boxes = boxesOf(panels.length, columns, {
    x: MARGIN,
    y: head.bottom,
    width: width - 2 * MARGIN,
    height: whole - head.bottom - 8,
  });
  const drawn = panels.map((panel, i) =>
    panelOf(panel, figure, boxes[i]!, look, {
      id: `panel${i}`,
      named: i + columns >= panels.length,
      xAt: (range) => xAxis(figure, range),
    }),
  );
  const svg = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height: whole,
    viewBox: `0 0 ${width} ${whole}`,
    role: 'img',
    'font-family': FONTS,
  };
  const content = [
    element('title', {}, escaped(title)),
    element('desc', {}, escaped(descriptionOf(figure))),
    element('rect', { width, height: whole, fill: look.background }),
    head.drawn,
    ...drawn,
  ];
  return `${element('svg', svg, `\n${content.join('\n')}\n`)}\n`;
}

/** Title, how it was smoothed, and whose colour is whose. */
function headOf(
  { title, caption, names, panels }: Figure,
  width: number,
  look: Look,
): { drawn: string; bottom: number } {
  let y = MARGIN + TITLE - 2;
  const drawn = [
    text(title, { x: MARGIN, y, 'font-size': TITLE, 'font-weight': 600, fill: look.text }, width - 2 * MARGIN),
  ];
  y += CAPTION + 7;
  drawn.push(text(caption, { x: MARGIN, y, 'font-size': CAPTION, fill: look.faintText }, width - 2 * MARGIN));
  if (names.length > 1 || panels.length === 0) {
    y += LEGEND + 10;
    let x = MARGIN;
    for (const [n, name] of names.entries()) {
      const wide = Math.min(widthOf(name, LEGEND), width / 2) + 26;
      if (x > MARGIN && x + wide > width - MARGIN) [x, y] = [MARGIN, y + LEGEND + 7];
      const { colour, dashes } = strokeOf(n, look);
      const stroke = { stroke: colour, 'stroke-width': 2.5, 'stroke-dasharray': dashes };
      drawn.push(element('path', { ...stroke, d: `M${x.toFixed(1)} ${y - 4}h18` }));
      drawn.push(text(name, { x: x + 23, y, 'font-size': LEGEND, fill: look.text }, width / 2));
      x += wide + 14;
    }
  }
  return { drawn: drawn.join('\n'), bottom: y + 14 };
}

function boxesOf(count: number, columns: number, { x, y, width, height }: Box): Box[] {
  const rows = Math.ceil(count / columns);
  const [wide, high] = [width / columns, height / rows];
  return Array.from({ length: count }, (_, i) => ({
    x: x + (i % columns) * wide,
    y: y + Math.floor(i / columns) * high,
    width: wide - (columns > 1 ? 6 : 0),
    height: high - (rows > 1 ? 8 : 0),
  }));
}

/** For who can't see it. */
function descriptionOf({ caption, panels, x }: Figure): string {
  const parts = panels.map(({ title, curves }) => `${title} of ${curves.map(({ name }) => name).join(', ')}`);
  return `${parts.join('; ')}; over ${x.label}. ${caption}.`;
}
