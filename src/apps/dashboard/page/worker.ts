import type { Ask, ChartRequest, Tell } from './contract.js';
import { Drawing } from './draw.js';
import { exported } from './exported.js';
import { Feed } from './feed.js';

type Asked<K extends Ask['ask']> = Extract<Ask, { ask: K }>;

const tell = (message: Tell): void => postMessage(message);

const drawing = new Drawing();
let frame: Asked<'frame'> | null = null;
let hover: Asked<'hover'> | null = null;
/** What was drawn last of each chart. */
let shown: ReadonlyMap<string, string> = new Map();
let isDue = false;
/** How long the last frame took. */
let lastMs = 0;
let timer: ReturnType<typeof setTimeout> | null = null;

const feed = new Feed({
  status: (status, connected) => tell({ tell: 'status', status, connected }),
  changed() {
    const curves = [...feed.curves].map(([id, { curve }]) => {
      const { run, tag, length, values } = curve;
      return { curve: id, run, tag, count: length, last: values.at(length - 1) };
    });
    tell({ tell: 'curves', curves });
    isDue = true;
    answerIn(lastMs); // half of the time is for the points that come
  },
});

addEventListener('message', ({ data }: MessageEvent<Ask>) => {
  if (data.ask === 'export') {
    exported(data, feed.curves).then(tell, (error: unknown) => tell({ tell: 'failed', why: String(error) }));
    return;
  }
  if (data.ask === 'frame') [frame, isDue] = [data, true];
  else hover = data;
  answerIn(0);
});

/** Once all messages that have come are taken: the newest of each kind counts. */
function answerIn(ms: number): void {
  if (timer !== null && ms > 0) return;
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(() => {
    timer = null;
    if (isDue && frame !== null) drawFrame(frame);
    if (hover !== null) {
      const { chart, x } = hover;
      tell({ tell: 'hover', chart: chart.chart, x, values: drawing.hover(chart, x, feed.curves) });
      hover = null;
    }
  }, ms);
}

/** Charts that have changed since the last frame: a page that is scrolled asks for one more each time. */
function drawFrame({ id, charts }: Asked<'frame'>): void {
  const start = performance.now();
  isDue = false;
  const before = shown;
  shown = new Map(charts.map((chart) => [chart.chart, stateOf(chart)]));
  drawing.keep(new Set(shown.keys()));
  const changed = charts.filter(({ chart }) => shown.get(chart) !== before.get(chart));
  tell({ tell: 'frame', id, charts: changed.map((chart) => drawing.chart(chart, feed.curves)) });
  lastMs = performance.now() - start;
}

/** All that a drawing rests on. */
function stateOf(chart: ChartRequest): string {
  const curves = chart.curves.map((id) => feed.curves.get(id)).map((held) => [held?.curve.length, held?.cuts]);
  return JSON.stringify([feed.session, chart, curves]);
}
