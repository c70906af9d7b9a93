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

type Size = Pick<Drawing, 'width' | 'height'>;

/** What is above the panels, and where it ends. */
interface Head {
  readonly drawn: string;
  readonly bottom: number;
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
  const head = headOf(figure, { width, height }, look);
  const columns = Math.max(1, Math.min(Math.ceil(Math.sqrt(panels.length)), Math.floor(width / NARROWEST)));
  const rows = Math.ceil(panels.length / columns);
  const whole = height ?? (rows === 1 ? Math.max(500, head.bottom + 400) : head.bottom + rows * 260);
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

/** Title, how it was smoothed, and whose colour is whose, as far as a third of the picture can say it. */
function headOf({ title, caption, names }: Figure, { width, height = Infinity }: Size, look: Look): Head {
  const room = width - 2 * MARGIN;
  const heading = { x: MARGIN, y: MARGIN + TITLE - 2, 'font-size': TITLE, 'font-weight': 600, fill: look.text };
  const below = { x: MARGIN, y: heading.y + CAPTION + 7, 'font-size': CAPTION, fill: look.faintText };
  const drawn = [text(title, heading, room), text(caption, below, room)];
  if (names.length === 1) return { drawn: drawn.join('\n'), bottom: below.y + 14 };
  let [x, y] = [MARGIN, below.y + LEGEND + 10];
  for (const [n, name] of names.entries()) {
    const wide = Math.min(widthOf(name, LEGEND), width / 2) + 26;
    if (x > MARGIN && x + wide > width - MARGIN) [x, y] = [MARGIN, y + LEGEND + 7];
    if (y > height / 3) {
      drawn.push(text(`… and ${names.length - n} more`, { x, y, 'font-size': LEGEND, fill: look.faintText }));
      break;
    }
    drawn.push(entryOf(name, n, { x, y, width: width / 2 }, look));
    x += wide + 14;
  }
  return { drawn: drawn.join('\n'), bottom: y + 14 };
}

/** A name and the line that is its. */
function entryOf(
  name: string,
  n: number,
  { x, y, width }: { x: number; y: number; width: number },
  look: Look,
): string {
  const { colour, dashes } = strokeOf(n, look);
  const line = { stroke: colour, 'stroke-width': 2.5, 'stroke-dasharray': dashes, d: `M${x.toFixed(1)} ${y - 4}h18` };
  return element('path', line) + text(name, { x: x + 23, y, 'font-size': LEGEND, fill: look.text }, width);
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
