import { describe, expect, it } from 'vitest';
import { of, toArray, lastValueFrom } from 'rxjs';
import { biasCorrected, emaScan, ewm } from 'rx-ema';
import { figureOf, type FigureOptions } from '../../../src/apps/plot/figureOf.js';
import type { MetricPoint } from '../../../src/apps/dashboard/point.js';
import { SeriesByMetric } from '../../../src/apps/plot/series.js';
import { smoothingOf } from '../../../src/apps/plot/smoothing.js';

const OPTIONS: FigureOptions = {
  title: 'a run',
  smoothing: smoothingOf({ decay: 0.5 }),
  byRun: false,
  x: 'step',
  logX: false,
  logY: false,
  band: false,
};

function figure(points: readonly MetricPoint[], options: Partial<FigureOptions> = {}) {
  const series = new SeriesByMetric();
  for (const point of points) series.add(point);
  return figureOf(series.all(), { ...OPTIONS, ...options });
}

/** Points of a run, a minute apart. */
const points = (run: string, values: readonly Record<string, number>[], firstMs = 0): MetricPoint[] =>
  values.map((one, i) => ({ run, step: i + 1, atMs: firstMs + 60_000 * i, values: one }));

const LOSS = [4, 2, NaN, 3, Infinity, 1];
const losses = LOSS.map((loss) => ({ loss }));

describe('a figure', () => {
  it('has a panel for each metric, with a curve of each run that has it', () => {
    const { panels, names } = figure([...points('a', [{ loss: 1, lr: 2 }]), ...points('b', [{ loss: 3 }])]);
    expect(panels.map(({ title, curves }) => [title, ...curves.map(({ name }) => name)])).toEqual([
      ['loss', 'a', 'b'],
      ['lr', 'a'],
    ]);
    expect(names).toEqual(['a', 'b']);
  });

  it('has a panel for each run if that is asked for, where a metric has one colour', () => {
    const { panels, names } = figure([...points('a', [{ loss: 1, lr: 2 }]), ...points('b', [{ lr: 3 }])], {
      byRun: true,
    });
    expect(
      panels.map(({ title, curves }) => [title, ...curves.map(({ name, colour }) => `${name} ${colour}`)]),
    ).toEqual([
      ['a', 'loss 0', 'lr 1'],
      ['b', 'lr 1'],
    ]);
    expect(names).toEqual(['loss', 'lr']);
  });

  it('smooths as emaScan does with the bias divided out, and leaves out what is not finite', async () => {
    const [curve] = figure(points('a', losses)).panels[0]!.curves;
    const smooth = await lastValueFrom(of(...LOSS).pipe(emaScan({ decay: 0.5 }), biasCorrected(), toArray()));
    expect([...curve!.raw]).toEqual(LOSS);
    for (const [i, value] of curve!.smooth.entries()) {
      if (Number.isFinite(LOSS[i])) expect(value).toBeCloseTo(smooth[i]!, 14);
      else expect(value).toBeNaN();
    }
  });

  it('has a band of two standard deviations if that is asked for', async () => {
    const [curve] = figure(points('a', losses), { band: true }).panels[0]!.curves;
    const finite = LOSS.filter((value) => Number.isFinite(value));
    const bands = await lastValueFrom(of(...finite).pipe(ewm({ alpha: 0.5 }).bands({ width: 2 }), toArray()));
    const at = LOSS.flatMap((value, i) => (Number.isFinite(value) ? [i] : []));
    expect(at.map((i) => curve!.band!.low[i])).toEqual(bands.map(({ lower }) => lower));
    expect(at.map((i) => curve!.band!.high[i])).toEqual(bands.map(({ upper }) => upper));
    expect([...curve!.smooth]).toEqual([...figure(points('a', losses)).panels[0]!.curves[0]!.smooth]);
  });

  it('has time since each run’s start in a unit that fits, or the moment', () => {
    const runs = [...points('a', losses, 1e12), ...points('b', losses, 2e12)];
    const { x, panels } = figure(runs, { x: 'relative' });
    expect(x.label).toBe('time since the start (min)');
    for (const curve of panels[0]!.curves) expect([...curve.x]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(figure(runs, { x: 'wall' }).x).toMatchObject({ label: 'time (UTC)', isTime: true });
    expect(figure(runs, { x: 'wall' }).panels[0]!.curves[1]!.x[0]).toBe(2e12);
  });

  it('has time since the start of a run whose points do not all say the time', () => {
    const run: MetricPoint[] = [
      { run: 'a', step: 1, atMs: NaN, values: { accuracy: 0, loss: 4 } },
      ...points('a', losses.slice(0, 3), 1e12),
      { run: 'a', step: 4, atMs: NaN, values: { accuracy: 1, loss: 1 } },
    ];
    const { x, panels } = figure(run, { x: 'relative' });
    expect(x.label).toBe('time since the start (min)');
    const curves = Object.fromEntries(panels.map(({ title, curves }) => [title, curves[0]!]));
    expect([...curves['loss']!.x]).toEqual([0, 1, 2]);
    expect([...curves['accuracy']!.x]).toEqual([]);
  });

  it('puts points into the order of the axis, and leaves out those without a place on it', () => {
    const times = [5, NaN, 3, 4];
    const late = times.map((atMs, i): MetricPoint => ({ run: 'a', step: i, atMs, values: { loss: i } }));
    const [curve] = figure(late, { x: 'wall' }).panels[0]!.curves;
    expect([...curve!.x]).toEqual([3, 4, 5]);
    expect([...curve!.raw]).toEqual([2, 3, 0]);
  });

  it('forgets what a run had measured at later steps when it starts again', () => {
    const again = [...points('a', losses), { run: 'a', step: 3, atMs: NaN, values: { loss: 7 } }];
    const [curve] = figure(again).panels[0]!.curves;
    expect([...curve!.x]).toEqual([1, 2, 3]);
    expect([...curve!.raw]).toEqual([4, 2, 7]);
  });

  it('says how it was made, and what its marks mean', () => {
    expect(figure(points('a', losses)).caption).toBe('smoothed: decay 0.5, bias-corrected · × NaN · ▲ +∞');
    const low = figure(points('a', [{ loss: -Infinity }]), { band: true });
    expect(low.caption).toBe('smoothed: decay 0.5, bias-corrected · band: ±2 std · ▼ −∞');
  });
});
