import type { DrawnCurve, Line } from './contract.js';
import { markOf, marksIn } from './marks.js';
import { projection } from './project.js';
import type { Scene } from './scene.js';

/** Where a chart's curves go, in pixels of the canvas. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Project = (value: number) => number;

const RAW_ALPHA = 0.3;
const BAND_ALPHA = 0.14;
const DIMMED = 0.35;
const SMOOTH_WIDTH = 1.75;
const FOCUS_WIDTH = 2.75;
const DOT = 2.5;
const MARK = 5;

/** Paints all curves of a chart: bands below raw lines, those below smoothed ones, what is in focus on top. */
export function paint(context: CanvasRenderingContext2D, box: Box, scene: Scene, ratio: number): void {
  const { left, top, width, height } = box;
  const x = projection(scene.x, scene.logX, left, left + width);
  const y = projection(scene.y, scene.logY, top + height, top);
  const curves = inOrder(scene);
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.lineJoin = 'round';
  for (const curve of curves) if (curve.band !== null) fillBand(context, curve.band, x, y, look(scene, curve));
  for (const curve of curves) {
    const { color, alpha } = look(scene, curve);
    context.globalAlpha = alpha * (scene.plain ? 1 : RAW_ALPHA);
    stroke(context, curve.raw, x, y, color, (scene.plain ? SMOOTH_WIDTH : 1) * ratio, []);
  }
  for (const curve of scene.plain ? [] : curves) {
    const { color, alpha, dash, isFocus } = look(scene, curve);
    context.globalAlpha = alpha;
    const line = isFocus ? FOCUS_WIDTH : SMOOTH_WIDTH;
    stroke(context, curve.smooth, x, y, color, line * ratio, dash.map((length) => length * ratio));
  }
  for (const curve of curves) paintMarks(context, curve, box, scene, ratio);
  context.restore();
}

function look(scene: Scene, { curve }: DrawnCurve) {
  const { color, dash } = scene.styles.get(curve) ?? { color: scene.ink.text, dash: [] };
  const isFocus = scene.focus === curve;
  return { color, dash, isFocus, alpha: scene.focus === null || isFocus ? 1 : DIMMED };
}

function inOrder({ chart, focus }: Scene): readonly DrawnCurve[] {
  const curves = chart?.curves ?? [];
  return focus === null ? curves : [...curves].sort((a, b) => Number(a.curve === focus) - Number(b.curve === focus));
}

function stroke(
  context: CanvasRenderingContext2D,
  line: Line,
  x: Project,
  y: Project,
  color: string,
  width: number,
  dash: readonly number[],
): void {
  const count = line.x.length;
  if (count === 1) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(x(line.x[0]!), y(line.y[0]!), DOT * width, 0, 7);
    context.fill();
    return;
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.setLineDash([...dash]);
  const path = new Path2D();
  for (let i = 0; i < count; i++) path.lineTo(x(line.x[i]!), y(line.y[i]!));
  context.stroke(path);
}

function fillBand(
  context: CanvasRenderingContext2D,
  [lower, upper]: readonly [Line, Line],
  x: Project,
  y: Project,
  { color, alpha }: { readonly color: string; readonly alpha: number },
): void {
  const path = new Path2D();
  for (let i = 0; i < upper.x.length; i++) path.lineTo(x(upper.x[i]!), y(upper.y[i]!));
  for (let i = lower.x.length - 1; i >= 0; i--) path.lineTo(x(lower.x[i]!), y(lower.y[i]!));
  context.globalAlpha = BAND_ALPHA * alpha;
  context.fillStyle = color;
  context.fill(path);
}

function paintMarks(
  context: CanvasRenderingContext2D,
  curve: DrawnCurve,
  box: Box,
  scene: Scene,
  ratio: number,
): void {
  const x = projection(scene.x, scene.logX, 0, Math.round(box.width / ratio));
  const { color, alpha } = look(scene, curve);
  context.globalAlpha = alpha;
  context.setLineDash([]);
  context.lineWidth = 1.5 * ratio;
  context.strokeStyle = context.fillStyle = color;
  for (const { kind, at } of marksIn(curve.gaps, x, box.width / ratio)) {
    const edge = kind === 'high' ? box.top + (MARK + 1) * ratio : box.top + box.height - (MARK + 1) * ratio;
    const path = new Path2D(markOf(kind, box.left + at * ratio, edge, MARK * ratio));
    if (kind === 'nan') context.stroke(path);
    else context.fill(path);
  }
}
