import { basename, extname, resolve } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';

import { SmoothingError } from '../../errors.js';
import { replaceFile } from '../../sinks/replaceFile.js';
import { checkPaths } from '../cli/checkPaths.js';
import { listed } from '../cli/listed.js';
import { say } from '../cli/say.js';
import { UsageError } from '../cli/usageError.js';
import { runsIn } from '../runs/runsIn.js';
import { figureOf } from './figureOf.js';
import { pngOf } from './png.js';
import { chosen } from './chosen.js';
import { SeriesByMetric, type Series } from './series.js';
import { smoothingOf, type SmoothingGiven } from './smoothing.js';
import { drawSvg } from './svg/drawSvg.js';
import { drawTerminal } from './terminal/drawTerminal.js';
import type { Figure } from './figure.js';

/** What `rx-ema plot` was asked for. */
export interface PlotOptions extends SmoothingGiven {
  readonly output?: string;
  readonly columns?: readonly string[];
  readonly band?: boolean;
  readonly byRun?: boolean;
  readonly x: 'step' | 'relative' | 'wall';
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
}

/**
 * Draws runs into a file, or into the terminal.
 *
 * @throws UsageError for options that don't fit together or the files; SmoothingError for files, once the others are drawn
 */
export async function plot(paths: readonly string[], options: PlotOptions): Promise<void> {
  const { output, band = false, byRun = false, x, logX = false, logY = false } = options;
  const title = options.title ?? paths.map((path) => basename(resolve(path))).join(', ');
  checkPaths(paths);
  checkPicture(options);
  const smoothing = smoothingOf(options);
  if (logX && x === 'wall') throw new UsageError('--log-x must come with --x step or relative, got wall');
  const { series: all, problems } = await read(paths);
  if (all.length === 0 && problems.length > 0) throw unread(problems);
  const asked = chosen(all, paths, options);
  const series = x === 'step' ? asked : timed(asked);
  const figure = figureOf(series, { title, smoothing, byRun, x, logX, logY, band });
  sayWhatLogHides(figure);
  if (output === undefined) process.stdout.write(drawTerminal(figure, terminal()));
  else await write(output, figure, options);
  if (problems.length > 0) throw unread(problems); // what there is has been drawn
}

const isTimed = ({ atMs }: Series): boolean => !atMs.every(Number.isNaN);

/** The series that have times; says on stderr which runs have curves without. */
function timed(series: readonly Series[]): Series[] {
  const left = new Set(series.filter((one) => !isTimed(one)).map(({ run }) => run));
  if (left.size > 0) say(`left out, as they say no time: ${listed([...left])}`);
  return series.filter(isTimed);
}

const unread = (problems: readonly string[]): SmoothingError =>
  new SmoothingError('SOURCE_UNREADABLE', problems.join('; '));

const LEAST = 100;

function checkPicture({ output, width, height, theme }: PlotOptions): void {
  if (output === undefined) {
    const [flag] = Object.entries({ width, height, theme }).find(([, value]) => value !== undefined) ?? [];
    if (flag !== undefined) throw new UsageError(`--${flag} must come with -o: it is the picture's`);
    return;
  }
  if (!/^\.(svg|png)$/i.test(extname(output))) throw new UsageError(`-o must end in .svg or .png, got '${output}'`);
  for (const [flag, px] of Object.entries({ width, height })) {
    if (px !== undefined && !(px >= LEAST && px <= 10_000)) {
      throw new UsageError(`--${flag} must be from ${LEAST} to 10000 px, got ${px}`);
    }
  }
}

/** All that can be read, and what could not be. */
async function read(paths: readonly string[]): Promise<{ series: Series[]; problems: string[] }> {
  const series = new SeriesByMetric();
  const problems: string[] = [];
  const events$ = runsIn(paths, { follow: false }).pipe(
    tap((event) => {
      if ('problem' in event) problems.push(event.problem);
      else for (const point of event.points) series.add(point);
    }),
  );
  await lastValueFrom(events$, { defaultValue: null });
  return { series: series.all(), problems };
}

/** Colours for a person at a terminal, and for who wants them anyway. */
function terminal(): { readonly columns: number; readonly colour: boolean } {
  const { isTTY = false, columns = 80 } = process.stdout as Partial<typeof process.stdout>;
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env;
  return { columns, colour: NO_COLOR === '' && (FORCE_COLOR !== '' || (isTTY && TERM !== 'dumb')) };
}

async function write(
  out: string,
  figure: Figure,
  { width = 900, height, theme = 'light' }: PlotOptions,
): Promise<void> {
  const svg = drawSvg(figure, { width, height, theme });
  const isPng = extname(out).toLowerCase() === '.png';
  const bytes = isPng ? await pngOf(svg) : new TextEncoder().encode(svg);
  replaceFile(out, [bytes].values());
  const curves = figure.panels.reduce((count, panel) => count + panel.curves.length, 0);
  say(`${out}: ${counted(curves, 'curve')} in ${counted(figure.panels.length, 'panel')}, ${bytes.length} bytes`);
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function sayWhatLogHides({ panels, x, logY }: Figure): void {
  const curves = panels.flatMap((panel) => panel.curves);
  const hides = (at: number, value: number): boolean => (x.log && at <= 0) || (logY && value <= 0 && value > -Infinity);
  const hidden = curves.reduce(
    (sum, curve) => sum + curve.raw.filter((value, i) => hides(curve.x[i]!, value)).length,
    0,
  );
  if (hidden > 0)
    say(`${counted(hidden, 'value')} <= 0 ${hidden === 1 ? 'has' : 'have'} no place on a logarithmic axis`);
}
