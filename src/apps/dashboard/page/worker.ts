import type { Ask, ChartRequest, Tell } from './contract.js';
import { Drawing } from './draw.js';
import { Feed } from './feed.js';

const tell = (message: Tell, transfer: Transferable[] = []): void => postMessage(message, { transfer });

const drawing = new Drawing();
let wanted: { id: number; charts: readonly ChartRequest[] } | null = null;
let waiting = false;

const feed = new Feed({
  status: (status, connected) => tell({ tell: 'status', status, connected }),
  changed() {
    const curves = [...feed.curves].map(([id, { curve }]) => {
      const { run, tag, length, values } = curve;
      return { curve: id, run, tag, count: length, last: values.at(length - 1) };
    });
    tell({ tell: 'curves', curves });
    redraw();
  },
});

addEventListener('message', ({ data }: MessageEvent<Ask>) => {
  if (data.ask !== 'frame') return;
  wanted = data;
  redraw();
});

/** Once all messages that have come are taken: of several requests for frames the newest counts. */
function redraw(): void {
  if (waiting || wanted === null) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    const { id, charts } = wanted!;
    tell({ tell: 'frame', id, charts: charts.map((chart) => drawing.chart(chart, feed.curves)) });
  });
}
