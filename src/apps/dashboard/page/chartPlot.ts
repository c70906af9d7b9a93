import { computed, effect, untracked, type ReadonlySignal } from '@preact/signals';
import { decayOf } from './amount.js';
import { amountOf } from './chartState.js';
import { cursor, nearest } from './cursor.js';
import { Gestures } from './gestures.js';
import { lay } from './lay.js';
import { setSight } from './link.js';
import { Overlay } from './overlay.js';
import { Plot } from './plot.js';
import type { Scene } from './scene.js';
import { sceneOf } from './sceneOf.js';
import type { Place } from './selection.js';
import { fitAll, panBy, pin, zoomAt, zoomTo } from './steer.js';
import { summaryOf } from './summary.js';
import { at, fractionOf, tidy } from './zoom.js';

const PIN_PX = 5;

/** A chart on the page while it is in sight: draws what the model says, and tells the model what is done to it. */
export class ChartPlot {
  readonly #tag: string;
  readonly #box: HTMLElement;
  readonly #scene: ReadonlySignal<Scene>;
  readonly #stops: (() => void)[] = [];
  readonly #plot: Plot;
  readonly #overlay: Overlay;
  readonly #gestures: Gestures;
  #due = 0;
  #isVisible = true;
  #isStale = false;

  constructor(tag: string, box: HTMLElement) {
    this.#tag = tag;
    this.#box = box;
    const isPlain = computed(() => decayOf(amountOf(tag)) === 0);
    const focus = computed(() => (cursor.value?.tag === tag ? nearest.value : null));
    this.#scene = computed(() => sceneOf(tag, isPlain.value, focus.value));
    this.#plot = new Plot(
      box,
      untracked(() => this.#scene.value),
    );
    this.#overlay = new Overlay(this.#plot.over);
    this.#gestures = new Gestures(this.#plot.over, {
      hover: (place) => this.#hover(place),
      box: (x, y) => zoomTo(tag, x, y),
      zoom: (place, factorX, factorY) => zoomAt(tag, place, factorX, factorY),
      pan: (dx, dy) => panBy(tag, dx, dy),
      pin: ({ x }) => this.pin(x),
      reset: () => fitAll(tag),
      takesWheel: () => document.activeElement === box,
    });
    this.#stops.push(
      effect(() => {
        void this.#scene.value;
        this.#showSoon();
      }),
      effect(() => lay(this.#overlay, this.#tag, this.#scene.value)),
    );
  }

  /** Where the cursor would be at a fraction of the width; the table stands beside it. */
  look(fraction: number, y: number | null): void {
    const scene = this.#scene.peek();
    const { left, top, width, height } = this.#plot.over.getBoundingClientRect();
    cursor.value = {
      tag: this.#tag,
      x: at(scene.x, fraction, scene.logX),
      y: y === null ? null : at(scene.y, y, scene.logY),
      left: left + fraction * width,
      top: top + (y === null ? 0.1 : 1 - y) * height,
      chart: this.#box.getBoundingClientRect(),
    };
  }

  /** Where the cursor is, as a fraction of the width; null if it is on another chart or out of sight. */
  fraction(): number | null {
    const { x, logX } = this.#scene.peek();
    const place = cursor.peek();
    const fraction = place?.tag === this.#tag ? fractionOf(x, place.x, logX) : -1;
    return fraction >= 0 && fraction <= 1 ? fraction : null;
  }

  /** Pins the place at a fraction of the width, or unpins the one that is pinned there. */
  pin(fraction: number): void {
    const { x, logX } = this.#scene.peek();
    const near = PIN_PX / this.#plot.over.clientWidth;
    const place = tidy(at(x, fraction, logX), x, logX);
    pin(this.#tag, place, Math.abs(at(x, fraction + near, logX) - place));
  }

  /** What nobody sees need not be painted before it is seen. */
  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible;
    if (isVisible && this.#isStale) this.#showSoon();
  }

  resize(): void {
    const { width, height } = this.#box.getBoundingClientRect();
    if (width === 0) return;
    this.#plot.resize(width, height);
    setSight(this.#tag, Math.ceil(width * devicePixelRatio));
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    cancelAnimationFrame(this.#due);
    setSight(this.#tag, 0);
    this.#gestures.destroy();
    this.#plot.destroy();
  }

  #showSoon(): void {
    this.#due ||= requestAnimationFrame(() => this.#show());
  }

  #show(): void {
    this.#due = 0;
    this.#isStale = !this.#isVisible;
    if (this.#isStale) return;
    const scene = this.#scene.peek();
    this.#plot.show(scene);
    this.#box.setAttribute('aria-label', summaryOf(this.#tag, scene));
    untracked(() => lay(this.#overlay, this.#tag, this.#scene.value));
  }

  #hover(place: Place | null): void {
    if (place !== null) this.look(place.x, place.y);
    else if (cursor.peek()?.tag === this.#tag) cursor.value = null;
  }
}
