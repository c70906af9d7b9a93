import { yAxis, type Axis } from '../axes.js';
import type { Figure, Panel } from '../figure.js';
import type { Look } from '../palette.js';
import { curveLayers, type Frame } from './curves.js';
import { text, widthOf } from './text.js';
import { element, type Attributes } from './xml.js';

type Ticks = ReturnType<Axis['ticks']>;

/** Where a panel lies in the picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const TITLE = 13;
const LABEL = 11;

/** Below a panel's curves: labels, and what they count. Kept free in all panels, so that those of a row are as high. */
const BELOW = 34;
/** Beside them at least, so that those of a column mostly begin below each other. */
const BESIDE = 30;

/**
 * A panel: title, axes, curves.
 *
 * @param id - of its clip path, of letters and digits
 * @param named - whether what the x axis counts is written below it
 */
export function panelOf(
  panel: Panel,
  figure: Figure,
  box: Box,
  look: Look,
  { id, named, xAt }: { id: string; named: boolean; xAt: (range: readonly [number, number]) => Axis },
): string {
  const top = box.y + TITLE + 10;
  const bottom = box.y + box.height - BELOW;
  const y = yAxis(panel, figure.logY, [bottom, top]);
  const ticks = y.ticks(Math.max(2, Math.round((bottom - top) / 45)));
  const left = box.x + Math.max(...ticks.map(({ label }) => widthOf(label, LABEL)), BESIDE) + 8;
  const right = box.x + box.width - 14;
  const x = xAt([left, right]);
  const frame: Frame = { x, y, left, right, top, bottom };
  const layers = panel.curves.map((curve) => curveLayers(curve, frame, look));
  const clip = element(
    'clipPath',
    { id },
    element('rect', { x: left, y: top, width: right - left, height: bottom - top }),
  );
  const curves = layers.map(({ back }) => back).join('') + layers.map(({ front }) => front).join('');
  return [
    clip,
    text(
      panel.title,
      { x: left, y: box.y + TITLE, 'font-size': TITLE, 'font-weight': 600, fill: look.text },
      right - left,
    ),
    gridOf(frame, ticks, look),
    element('g', { 'clip-path': `url(#${id})` }, curves),
    named
      ? text(figure.x.label, {
          x: (left + right) / 2,
          y: box.y + box.height - 3,
          'font-size': LABEL,
          'text-anchor': 'middle',
          fill: look.faintText,
        })
      : '',
  ].join('\n');
}

function gridOf({ x, y, left, right, top, bottom }: Frame, yTicks: Ticks, look: Look): string {
  const lines: string[] = [];
  const labels: string[] = [];
  const add = (d: string, label: string, place: Attributes): void => {
    lines.push(element('path', { d, 'stroke-opacity': label === '' ? 0.5 : null }));
    if (label !== '') labels.push(text(label, { ...place, 'font-size': LABEL, fill: look.faintText }));
  };
  for (const { value, label } of yTicks) {
    const at = y.at(value);
    add(`M${left} ${at.toFixed(1)}H${right}`, label, { x: left - 6, y: at + 4, 'text-anchor': 'end' });
  }
  for (const { value, label } of ticksApart(x, right - left)) {
    const at = x.at(value);
    add(`M${at.toFixed(1)} ${top}V${bottom}`, label, { x: at, y: bottom + 15, 'text-anchor': 'middle' });
  }
  const base = element('path', { d: `M${left} ${bottom}H${right}`, stroke: look.frame });
  return element('g', { fill: 'none', stroke: look.grid }, lines.join('') + base) + labels.join('');
}

/** Room between two labels, in px. */
const GAP = 8;

/** As many ticks of the x axis as their labels leave room for. */
function ticksApart(x: Axis, width: number): Ticks {
  const fits = (ticks: Ticks): boolean => {
    const labelled = ticks.filter(({ label }) => label !== '');
    return labelled.every(({ value, label }, i) => {
      const before = labelled[i - 1];
      if (before === undefined) return true;
      const room = x.at(value) - x.at(before.value) - GAP;
      return room >= (widthOf(before.label, LABEL) + widthOf(label, LABEL)) / 2;
    });
  };
  for (let about = Math.max(2, Math.round(width / 90)); about > 1; about--) {
    const ticks = x.ticks(about);
    if (fits(ticks)) return ticks;
  }
  return x.ticks(1);
}
