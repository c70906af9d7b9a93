import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { paint } from './paint.js';
import type { Scene } from './scene.js';
import { axisTicks, numberTicks, type Tick } from './ticks.js';

const FONT = '11px system-ui, sans-serif';
const X_SPACE = 68;
const Y_SPACE = 42;
const NARROWEST = 44;
/** What is left free between two texts, at least. */
const BETWEEN = 10;
/** What uPlot looks for between ticks is not asked for: ticks are our own. */
const ANY_GAP = [1e17];

/** A chart on a canvas: axes by uPlot, curves by `paint`, each along its own x. */
export class Plot {
  readonly #uplot: uPlot;
  #scene: Scene;

  /** @param scene - what is logarithmic in it stays so: another kind of axis takes another plot */
  constructor(box: HTMLElement, scene: Scene) {
    this.#scene = scene;
    const { width, height } = box.getBoundingClientRect();
    this.#uplot = new uPlot(
      {
        width,
        height,
        padding: [8, 14, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, distr: scene.logX ? 3 : 1, range: () => [...this.#scene.x] },
          y: { distr: scene.logY ? 3 : 1, range: () => [...this.#scene.y] },
        },
        series: [{}, { paths: () => null, points: { show: false } }],
        axes: [this.#axis('x'), this.#axis('y')],
        hooks: { draw: [(plot) => paint(plot.ctx, plot.bbox, this.#scene, uPlot.pxRatio)] },
      },
      ANY_DATA,
      box,
    );
  }

  /** The part of the page that curves are in: what is laid over them goes there. */
  get over(): HTMLElement {
    return this.#uplot.over;
  }

  show(scene: Scene): void {
    this.#scene = scene;
    this.#uplot.batch(() => this.#uplot.setData(ANY_DATA));
  }

  resize(width: number, height: number): void {
    if (width !== this.#uplot.width || height !== this.#uplot.height) this.#uplot.setSize({ width, height });
  }

  destroy(): void {
    this.#uplot.destroy();
  }

  #axis(which: 'x' | 'y'): uPlot.Axis {
    const isX = which === 'x';
    let ticks: readonly Tick[] = [];
    return {
      scale: which,
      font: FONT,
      stroke: () => this.#scene.ink.quiet,
      grid: { stroke: () => this.#scene.ink.grid, width: 1 },
      ticks: { show: false },
      border: { show: isX, stroke: () => this.#scene.ink.axis, width: 1 },
      gap: 6,
      incrs: ANY_GAP,
      size: isX ? 26 : widthOf,
      splits: (plot) => {
        const { x, y, axis, logX, logY } = this.#scene;
        const length = (isX ? plot.bbox.width : plot.bbox.height) / uPlot.pxRatio;
        const ticksEvery = (space: number): readonly Tick[] => {
          const count = Math.max(2, Math.floor(length / space));
          return isX ? axisTicks(x, count, axis, logX) : numberTicks(y, count, logY);
        };
        ticks = ticksEvery(isX ? X_SPACE : Y_SPACE);
        const long = isX ? longestOf(plot, ticks) + BETWEEN : 0;
        if (long > X_SPACE) ticks = ticksEvery(2 * long); // d3 makes up to twice as many as are asked for
        return ticks.map(({ at }) => at);
      },
      filter: (_, splits) => splits,
      values: () => ticks.map(({ text }) => text),
    };
  }
}

const ANY_DATA: uPlot.AlignedData = [[1], [1]];

/** Room for the longest of the texts, in steps, so that the curves do not move with each digit. */
function widthOf(plot: uPlot, texts: readonly string[] | null): number {
  if (texts === null) return NARROWEST;
  const longest = longestOf(
    plot,
    texts.map((text) => ({ text })),
  );
  return Math.max(NARROWEST, Math.ceil((longest + 14) / 8) * 8);
}

/** How long the longest of some texts is, in pixels. */
function longestOf({ ctx }: uPlot, ticks: readonly Pick<Tick, 'text'>[]): number {
  ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
  return Math.max(0, ...ticks.map(({ text }) => ctx.measureText(text).width)) / uPlot.pxRatio;
}
