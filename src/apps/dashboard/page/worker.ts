import type { Ask, Tell } from './contract.js';
import { Drawing } from './draw.js';
import { exported } from './exported.js';
import { Feed } from './feed.js';

type Asked<K extends Ask['ask']> = Extract<Ask, { ask: K }>;

const tell = (message: Tell): void => postMessage(message);

const drawing = new Drawing();
let frame: Asked<'frame'> | null = null;
let hover: Asked<'hover'> | null = null;
let isDue = false;
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
    answerSoon();
  },
});

addEventListener('message', ({ data }: MessageEvent<Ask>) => {
  if (data.ask === 'export') {
    exported(data, feed.curves).then(tell, (error: unknown) => tell({ tell: 'failed', why: String(error) }));
    return;
  }
  if (data.ask === 'frame') [frame, isDue] = [data, true];
  else hover = data;
  answerSoon();
});

/** Once all messages that have come are taken: the newest of each kind counts. */
function answerSoon(): void {
  timer ??= setTimeout(() => {
    timer = null;
    if (isDue && frame !== null) drawFrame(frame);
    if (hover !== null) {
      const { chart, x } = hover;
      tell({ tell: 'hover', chart: chart.chart, x, values: drawing.hover(chart, x, feed.curves) });
      hover = null;
    }
  });
}

function drawFrame({ id, charts }: Asked<'frame'>): void {
  isDue = false;
  drawing.keep(new Set(charts.map(({ chart }) => chart)));
  tell({ tell: 'frame', id, charts: charts.map((chart) => drawing.chart(chart, feed.curves)) });
}
