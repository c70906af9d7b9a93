import { escaped } from '../../plot/svg/xml.js';
import type { DrawnCurve, Line } from './contract.js';
import { faintnessOf } from './palette.js';
import { markOf, marksIn } from './marks.js';
import { projection } from './project.js';
import type { Scene } from './scene.js';
import { axisTicks, numberTicks } from './ticks.js';

const WIDTH = 800;
const PLOT_HEIGHT = 360;
const LEFT = 72;
const RIGHT = 20;
const TOP = 44;
const BELOW = 34;
const LEGEND_LINE = 20;
const LETTER = 7;
const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif';

type Project = (value: number) => number;

/** A chart as a file: its title, axes, curves as they are on the screen, and which run is which. */
export function svgOf(title: string, scene: Scene): string {
  const [right, bottom] = [WIDTH - RIGHT, TOP + PLOT_HEIGHT];
  const x = projection(scene.x, scene.logX, LEFT, right);
  const y = projection(scene.y, scene.logY, bottom, TOP);
  const curves = scene.chart?.curves ?? [];
  const legend = legendOf(scene);
  const height = bottom + BELOW + legend.height;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="${FONT}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${scene.ink.ground}"/>`,
    `<text x="${LEFT}" y="26" font-size="15" font-weight="600" fill="${scene.ink.text}">${escaped(title)}</text>`,
    ...axes(scene, x, y),
    `<clipPath id="plot"><rect x="${LEFT}" y="${TOP}" width="${right - LEFT}" height="${PLOT_HEIGHT}"/></clipPath>`,
    '<g clip-path="url(#plot)" fill="none" stroke-linejoin="round">',
    ...curves.map((curve) => bandOf(curve, scene, x, y)),
    ...curves.map((curve) => lineOf(curve.raw, scene, curve, x, y, scene.plain ? 1 : faintnessOf(curves.length))),
    ...(scene.plain ? [] : curves.map((curve) => lineOf(curve.smooth, scene, curve, x, y, 1))),
    ...curves.map((curve) => marks(curve, scene)),
    '</g>',
    `<g transform="translate(${LEFT} ${bottom + BELOW + 12})">${legend.text}</g>`,
    '</svg>',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function axes({ x: rangeX, y: rangeY, axis, logX, logY, ink }: Scene, x: Project, y: Project): string[] {
  const [right, bottom] = [WIDTH - RIGHT, TOP + PLOT_HEIGHT];
  const across = numberTicks(rangeY, 7, logY).map(({ at, text }) => {
    const line = `<path d="M${LEFT} ${n(y(at))}H${right}" stroke="${ink.grid}"/>`;
    return `${line}${words(text, LEFT - 8, y(at) + 4, 'end', ink.quiet)}`;
  });
  const along = axisTicks(rangeX, 8, axis, logX).map(({ at, text }) => {
    const line = `<path d="M${n(x(at))} ${TOP}V${bottom}" stroke="${ink.grid}"/>`;
    return `${line}${words(text, x(at), bottom + 18, 'middle', ink.quiet)}`;
  });
  return [...across, ...along, `<path d="M${LEFT} ${bottom}H${right}" stroke="${ink.axis}"/>`];
}

function lineOf(line: Line, scene: Scene, { curve }: DrawnCurve, x: Project, y: Project, opacity: number): string {
  if (line.x.length === 0) return '';
  const { color, dash } = scene.styles.get(curve) ?? { color: scene.ink.text, dash: [] };
  if (line.x.length === 1) {
    return `<circle cx="${n(x(line.x[0]!))}" cy="${n(y(line.y[0]!))}" r="3.5" fill="${color}" opacity="${opacity}"/>`;
  }
  const dashes = opacity < 1 || dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
  const look = opacity < 1 ? `stroke-width="1" opacity="${opacity}"` : `stroke-width="2"${dashes}`;
  return `<path d="${pathOf(line, x, y)}" stroke="${color}" ${look}/>`;
}

function bandOf({ band, curve }: DrawnCurve, scene: Scene, x: Project, y: Project): string {
  if (band === null || band[0].x.length === 0) return '';
  const [lower, upper] = band;
  const back: Line = { x: lower.x.slice().reverse(), y: lower.y.slice().reverse() };
  const outline = `${pathOf(upper, x, y)}${pathOf(back, x, y).replace('M', 'L')}Z`;
  return `<path d="${outline}" fill="${scene.styles.get(curve)?.color ?? scene.ink.text}" opacity="0.14"/>`;
}

function marks({ gaps, curve }: DrawnCurve, scene: Scene): string {
  const color = scene.styles.get(curve)?.color ?? scene.ink.text;
  const width = WIDTH - RIGHT - LEFT;
  const all = marksIn(gaps, projection(scene.x, scene.logX, 0, width), width).map(({ kind, at }) => {
    const lines = markOf(kind, LEFT + at, kind === 'high' ? TOP + 7 : TOP + PLOT_HEIGHT - 7, 5);
    const path = lines.map((line) => `M${line.map((place) => place.map(n).join(' ')).join('L')}`).join('');
    return `<path d="${path}" ${kind === 'nan' ? `stroke="${color}" stroke-width="1.5"` : `fill="${color}"`}/>`;
  });
  return all.join('');
}

/** Names of runs in as many lines as they need. */
function legendOf({ styles, ink }: Scene): { readonly text: string; readonly height: number } {
  let [x, y] = [0, 0];
  const entries = [...styles.values()].map(({ name, color, dash }) => {
    const width = 34 + name.length * LETTER;
    if (x > 0 && x + width > WIDTH - LEFT - RIGHT) [x, y] = [0, y + LEGEND_LINE];
    const dashes = dash.length === 0 ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
    const line = `<path d="M${x} ${y}h18" stroke="${color}" stroke-width="2"${dashes}/>`;
    const entry = `${line}${words(name, x + 24, y + 4, 'start', ink.text)}`;
    x += width;
    return entry;
  });
  return { text: entries.join(''), height: entries.length === 0 ? 0 : y + LEGEND_LINE + 10 };
}

function words(text: string, x: number, y: number, anchor: string, color: string): string {
  if (text === '') return '';
  return `<text x="${n(x)}" y="${n(y)}" font-size="12" text-anchor="${anchor}" fill="${color}">${escaped(text)}</text>`;
}

function pathOf({ x: xs, y: ys }: Line, x: Project, y: Project): string {
  return Array.from(xs, (at, i) => `${i === 0 ? 'M' : 'L'}${n(x(at))} ${n(y(ys[i]!))}`).join('');
}

/** A tenth of a pixel is as fine as anybody sees. */
function n(pixels: number): string {
  return `${Math.round(pixels * 10) / 10}`;
}
