import { thinned, indexOf } from './columns.js';

const { uPlot } = globalThis;
const POINTS_IN_VIEW = 5000;

/**
 * A chart of columns over steps, with a legend of its own that shows the newest values, or those under the pointer.
 *
 * @param host - element
 * @param options.title - of the chart
 * @param options.format - a value as text
 * @param options.tick - a value on the y axis as text
 * @param options.range - what the y axis spans, from the values in view by series
 * @param options.series - `{ name, label, color, look }`: color is a CSS variable's name, look one of LOOKS
 * @param options.onZoom - called with [from, to] in steps, or null for the whole run
 */
export function createChart(host, { title, format, tick, range, series, onZoom }) {
  const legend = series.map((one) => legendEntry(one));
  host.replaceChildren(
    element('div', { className: 'head' }, [
      element('h2', { textContent: title }),
      element('div', { className: 'legend' }, legend),
    ]),
    element('div', { className: 'plot' }),
  );
  const plot = host.lastElementChild;

  let yRange = [0, 1];
  let newest = 0;
  let valueAt = null;
  const showValues = (step) => {
    legend.forEach((entry, i) => (entry.lastChild.textContent = text(valueAt?.(series[i].name, step), format)));
  };

  const chart = new uPlot(
    {
      ...size(plot),
      legend: { show: false },
      padding: [10, 12, 0, 0],
      cursor: {
        sync: { key: 'steps', scales: ['x', null] },
        drag: { x: true, y: false, setScale: false },
        points: { show: false },
        y: false,
        bind: { dblclick: () => () => onZoom(null) },
      },
      scales: {
        x: { time: false, range: (_, from, to) => [from, Math.max(to, from + 1)] },
        y: { range: () => yRange },
      },
      axes: [axis({ size: 30 }), axis({ size: 52, values: (_, ticks) => ticks.map(tick) })],
      series: [{}, ...series.map((one) => ({ label: one.label, spanGaps: true, ...LOOKS[one.look](one.color) }))],
      hooks: {
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width > 4) onZoom([u.posToVal(left, 'x'), u.posToVal(left + width, 'x')]);
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
        setCursor: [(u) => showValues(u.cursor.idx == null ? newest : u.data[0][u.cursor.idx])],
      },
    },
    [[], ...series.map(() => [])],
    plot,
  );

  legend.forEach((entry, i) => {
    entry.addEventListener('click', () => {
      const show = entry.getAttribute('aria-pressed') !== 'true';
      entry.setAttribute('aria-pressed', String(show));
      chart.setSeries(i + 1, { show });
    });
  });
  new ResizeObserver(() => chart.setSize(size(plot))).observe(plot);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => chart.redraw(false, true));

  return {
    /**
     * Draws.
     *
     * @param tables - each [x, ...columns], together the series in their order
     * @param view - [from, to] in steps
     * @param values - the value of a series at a step, by name
     */
    draw(tables, view, values) {
      const inView = tables.map(([x, ...columns]) => {
        const from = Math.max(indexOf(x, view[0]) - 1, 0); // one more at each side: lines go on to the edge
        const to = indexOf(x, view[1]) + 1;
        return thinned(
          [x, ...columns].map((column) => column.subarray(from, to)),
          POINTS_IN_VIEW,
        );
      });
      valueAt = values;
      newest = view[1];
      yRange = range(
        Object.fromEntries(inView.flatMap(([, ...columns]) => columns).map((c, i) => [series[i].name, c])),
      );
      chart.setData(uPlot.join(inView), false);
      chart.setScale('x', { min: view[0], max: view[1] });
      if (chart.cursor.idx == null) showValues(newest);
    },
  };
}

/** How a series is drawn: what is measured faint, or fainter where it covers everything; what is smoothed bold. */
const LOOKS = {
  fainter: (name) => ({ stroke: () => css(name), width: 1, alpha: 0.15, points: { show: false } }),
  faint: (name) => ({ stroke: () => css(name), width: 1, alpha: 0.28, points: { show: false } }),
  dashed: (name) => ({ stroke: () => css(name), width: 1.25, dash: [5, 4], points: { show: false } }),
  bold: (name) => ({ stroke: () => css(name), width: 2.75, points: { show: false } }),
  thin: (name) => ({ stroke: () => css(name), width: 1.25, points: { show: false } }),
};

function axis(own) {
  return {
    stroke: () => css('--quiet'),
    font: `11px ${css('font-family', document.body)}`,
    grid: { stroke: () => css('--grid'), width: 1 },
    ticks: { show: false },
    gap: 8,
    ...own,
  };
}

function legendEntry({ name, label, color, look }) {
  const entry = element('button', { type: 'button' }, [
    element('i', { className: look }),
    element('span', { textContent: label }),
    element('b', { textContent: '–' }),
  ]);
  entry.dataset.series = name;
  entry.style.setProperty('--color', `var(${color})`);
  entry.setAttribute('aria-pressed', 'true');
  return entry;
}

function element(tag, properties, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const size = (plot) => ({ width: plot.clientWidth, height: plot.clientHeight });
const css = (name, of = document.documentElement) => getComputedStyle(of).getPropertyValue(name);
const text = (value, format) => (Number.isFinite(value) ? format(value) : '–');
