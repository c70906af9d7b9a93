import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { DrawnChart, Line } from './contract.js';
import { drawn } from './model.js';

export function Chart({ tag }: { readonly tag: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const chart = drawn.value.get(tag);
  useEffect(() => {
    if (chart === undefined || chart.extent === null) return;
    plot.current?.destroy();
    plot.current = new uPlot(optionsOf(tag, chart), dataOf(chart), box.current!);
  }, [chart]);
  return <section ref={box} />;
}

function dataOf(chart: DrawnChart): uPlot.AlignedData {
  const lines = chart.curves.flatMap(({ raw, smooth }) => [raw, smooth]);
  return uPlot.join(lines.map(({ x, y }: Line) => [x, y]));
}

function optionsOf(tag: string, chart: DrawnChart): uPlot.Options {
  const series = chart.curves.flatMap(() => [
    { stroke: '#9bb8d8', spanGaps: true, points: { show: false } },
    { stroke: '#0060a8', width: 2, spanGaps: true, points: { show: false } },
  ]);
  return { title: tag, width: 600, height: 260, scales: { x: { time: false } }, series: [{}, ...series] };
}
