import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { logsOf } from './chartState.js';
import { ChartPlot } from './chartPlot.js';
import { cursor } from './cursor.js';
import { changeChart, chosen } from './model.js';
import { fitAll, zoomAt } from './steer.js';

/** How far from the window a chart is got ready. */
const NEAR = '400px 0px';
const STEP = 0.01;
const ZOOM = 0.7;

/** The drawing of a chart; it is there while it is in sight or nearly so. */
export function PlotView({ tag }: { readonly tag: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<ChartPlot | null>(null);
  const { logX, logY } = logsOf(tag);
  useEffect(() => {
    const element = box.current!;
    const resizes = new ResizeObserver(() => plot.current?.resize());
    const sight = new IntersectionObserver(
      ([entry]) => {
        if (entry!.isIntersecting && plot.current === null) {
          plot.current = new ChartPlot(tag, element);
          plot.current.resize();
        } else if (!entry!.isIntersecting) {
          plot.current?.destroy();
          plot.current = null;
        }
      },
      { rootMargin: NEAR },
    );
    const window = new IntersectionObserver(([entry]) => plot.current?.setVisible(entry!.isIntersecting));
    sight.observe(element);
    window.observe(element);
    resizes.observe(element);
    return () => {
      sight.disconnect();
      window.disconnect();
      resizes.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [tag, logX, logY, chosen.axis.value]);
  return (
    <div
      ref={box}
      class="plot"
      role="img"
      aria-label={tag}
      tabIndex={0}
      onKeyDown={(event) => plot.current !== null && onKey(event, tag, plot.current)}
      onBlur={() => cursor.peek()?.tag === tag && (cursor.value = null)}
    />
  );
}

function onKey(event: TargetedKeyboardEvent<HTMLElement>, tag: string, plot: ChartPlot): void {
  const at = plot.fraction();
  const step = event.shiftKey ? STEP * 10 : STEP;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => plot.look(Math.max(0, (at ?? 1 + step) - step), null),
    ArrowRight: () => plot.look(Math.min(1, (at ?? -step) + step), null),
    Home: () => plot.look(0, null),
    End: () => plot.look(1, null),
    Enter: () => at !== null && plot.pin(at),
    '+': () => zoomAt(tag, { x: at ?? 0.5, y: 0.5 }, ZOOM, 1),
    '=': () => zoomAt(tag, { x: at ?? 0.5, y: 0.5 }, ZOOM, 1),
    '-': () => zoomAt(tag, { x: at ?? 0.5, y: 0.5 }, 1 / ZOOM, 1),
    '0': () => fitAll(tag),
    Escape: () => {
      if (cursor.peek()?.tag === tag) cursor.value = null;
      else changeChart(tag, { pins: undefined });
    },
  };
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}
