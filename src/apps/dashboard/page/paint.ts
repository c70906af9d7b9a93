import type { DrawnCurve, Line } from './contract.js';
import { markOf, marksIn } from './marks.js';
import { faintnessOf } from './palette.js';
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

const BAND_ALPHA = 0.14;
const DIMMED = 0.35;
const SMOOTH_WIDTH = 1.75;
const FOCUS_WIDTH = 2.75;
/** A browser fills the outline of a wide line as one shape: a long one that crosses itself takes it seven times as long. */
const PIECE = 32;
const DOT = 2.5;
const MARK = 5;

/** Paints all curves of a chart: bands below raw lines, those below smoothed ones, what is in focus on top. */
export function paint(canvas: CanvasRenderingContext2D, box: Box, scene: Scene, ratio: number): void {
  const { left, top, width, height } = box;
  const x = projection(scene.x, scene.logX, left, left + width);
  const y = projection(scene.y, scene.logY, top + height, top);
  const curves = inOrder(scene);
  const faintness = faintnessOf(curves.length);
  canvas.save();
  canvas.beginPath();
  canvas.rect(left, top, width, height);
  canvas.clip();
  canvas.lineJoin = 'round';
  for (const curve of curves) if (curve.band !== null) fillBand(canvas, curve.band, x, y, look(scene, curve));
  for (const curve of curves) {
    const { color, alpha } = look(scene, curve);
    canvas.globalAlpha = alpha * (scene.plain ? 1 : faintness);
    stroke(canvas, curve.raw, x, y, color, (scene.plain ? SMOOTH_WIDTH : 1) * ratio, []);
  }
  for (const curve of scene.plain ? [] : curves) {
    const { color, alpha, dash, isFocus } = look(scene, curve);
    canvas.globalAlpha = alpha;
    const line = isFocus ? FOCUS_WIDTH : SMOOTH_WIDTH;
    stroke(
      canvas,
      curve.smooth,
      x,
      y,
      color,
      line * ratio,
      dash.map((length) => length * ratio),
    );
  }
  for (const curve of curves) paintMarks(canvas, curve, box, scene, ratio);
  canvas.restore();
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
  canvas: CanvasRenderingContext2D,
  line: Line,
  x: Project,
  y: Project,
  color: string,
  width: number,
  dash: readonly number[],
): void {
  const count = line.x.length;
  if (count === 1) {
    canvas.fillStyle = color;
    canvas.beginPath();
    canvas.arc(x(line.x[0]!), y(line.y[0]!), DOT * width, 0, 7);
    canvas.fill();
    return;
  }
  canvas.strokeStyle = color;
  canvas.lineWidth = width;
  canvas.setLineDash([...dash]);
  let [fromX, fromY, length] = [x(line.x[0]!), y(line.y[0]!), 0];
  for (let start = 0; start < count - 1; start += PIECE) {
    canvas.beginPath();
    canvas.moveTo(fromX, fromY);
    canvas.lineDashOffset = length;
    for (let i = start + 1; i <= Math.min(count - 1, start + PIECE); i++) {
      const [toX, toY] = [x(line.x[i]!), y(line.y[i]!)];
      if (dash.length > 0) length += Math.hypot(toX - fromX, toY - fromY);
      canvas.lineTo(toX, toY);
      [fromX, fromY] = [toX, toY];
    }
    canvas.stroke();
  }
  canvas.lineDashOffset = 0;
}

function fillBand(
  canvas: CanvasRenderingContext2D,
  [lower, upper]: readonly [Line, Line],
  x: Project,
  y: Project,
  { color, alpha }: { readonly color: string; readonly alpha: number },
): void {
  canvas.beginPath();
  for (let i = 0; i < upper.x.length; i++) canvas.lineTo(x(upper.x[i]!), y(upper.y[i]!));
  for (let i = lower.x.length - 1; i >= 0; i--) canvas.lineTo(x(lower.x[i]!), y(lower.y[i]!));
  canvas.globalAlpha = BAND_ALPHA * alpha;
  canvas.fillStyle = color;
  canvas.fill();
}

function paintMarks(canvas: CanvasRenderingContext2D, curve: DrawnCurve, box: Box, scene: Scene, ratio: number): void {
  const x = projection(scene.x, scene.logX, 0, Math.round(box.width / ratio));
  const { color, alpha } = look(scene, curve);
  canvas.globalAlpha = alpha;
  canvas.setLineDash([]);
  canvas.lineWidth = 1.5 * ratio;
  canvas.strokeStyle = canvas.fillStyle = color;
  for (const { kind, at } of marksIn(curve.gaps, x, box.width / ratio)) {
    const edge = kind === 'high' ? box.top + (MARK + 1) * ratio : box.top + box.height - (MARK + 1) * ratio;
    canvas.beginPath();
    for (const line of markOf(kind, box.left + at * ratio, edge, MARK * ratio)) {
      canvas.moveTo(...line[0]!);
      for (const place of line) canvas.lineTo(...place);
    }
    if (kind === 'nan') canvas.stroke();
    else canvas.fill();
  }
}
