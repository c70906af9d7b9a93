import { atCursor, cursor, nearest } from './cursor.js';
import { nearestCurve } from './hoverRows.js';
import { chartView } from './model.js';
import type { Dot, Overlay } from './overlay.js';
import { pinLabel } from './pinLabel.js';
import { projection } from './project.js';
import type { Scene } from './scene.js';

/** Lays over a chart's curves: the cursor's line on every chart, dots on the cursor's own, pins. */
export function lay(overlay: Overlay, tag: string, scene: Scene): void {
  const { width, height } = overlay;
  const x = projection(scene.x, scene.logX, 0, width);
  const y = projection(scene.y, scene.logY, height, 0);
  const isIn = (place: number): boolean => place >= 0 && place <= width;
  const looked = cursor.value;
  const across = looked === null ? -1 : x(looked.x);
  overlay.cross(isIn(across) ? across : null);
  const pins = (chartView(tag).pins ?? []).map((place, i) => ({ x: x(place), label: pinLabel(i) }));
  overlay.pins(pins.filter((pin) => isIn(pin.x)));
  if (looked?.tag !== tag) return overlay.dots([]);
  const values = atCursor.value;
  const dots = values.map(({ curve, x: place, raw, smooth }): Dot => {
    const { color, dash } = scene.styles.get(curve) ?? { color: scene.ink.text, dash: [] };
    const height = y(Number.isNaN(smooth) ? raw : smooth);
    return { x: x(place), y: height, color, isRing: dash.length > 0, isFocus: curve === scene.focus };
  });
  overlay.dots(dots.filter((dot) => isIn(dot.x)));
  const pointed = looked.y === null ? null : y(looked.y);
  nearest.value = pointed === null ? null : nearestCurve(values, (value) => Math.abs(y(value) - pointed));
}
