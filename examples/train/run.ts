import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  defaultIfEmpty,
  firstValueFrom,
  forkJoin,
  ignoreElements,
  last,
  lastValueFrom,
  merge,
  Subject,
  tap,
  toArray,
  type Observable,
} from 'rxjs';
import { writeArrow } from 'rx-ema/arrow';
import { dashboard, type Dashboard, type MetricPoint } from 'rx-ema/dashboard';
import { startBackend, type Backend } from './backend.js';
import { loadDigits } from './digits.js';
import { toRecordBatches, writeWeights } from './files.js';
import { DESCRIPTION } from './model.js';
import { openInBrowser } from './openInBrowser.js';
import { UsageError, type Options } from './options.js';
import { pointsOf } from './points.js';
import { percent, showProgress, summary } from './terminal.js';
import { train } from './training.js';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** One training run from its first line to its last: trained, shown, kept. */
export async function run(options: Options, interrupt$: Observable<void>): Promise<void> {
  await makeFolder(options.out);
  const backend = await startBackend(options.backend);
  const shown$ = new Subject<MetricPoint>();
  const page = await openDashboard(shown$, options.port);
  say(`model    ${DESCRIPTION}, seed ${options.seed}`);
  say(`backend  ${backend.name}: ${backend.because}`);
  say(`page     ${page.url}\n`);
  if (options.open) await openInBrowser(page.url, say);

  let stopped = false;
  interrupt$.subscribe(() => (stopped = true));
  try {
    await trainAndKeep(backend, options, shown$, interrupt$);
    shown$.complete();
    if (options.stay && !stopped) {
      say(`\nThe page stays at ${page.url} until Ctrl-C.`);
      await firstValueFrom(interrupt$);
    }
  } catch (error) {
    shown$.error(error);
    throw error;
  } finally {
    await page.close();
  }
}

async function trainAndKeep(
  { tf }: Backend,
  { epochs, seed, out }: Options,
  shown$: Subject<MetricPoint>,
  stop$: Observable<void>,
): Promise<void> {
  const training = train(tf, loadDigits(), { epochs, seed }, stop$);
  const metrics = join(out, 'metrics.arrow');
  const { shadow, scores, written } = await lastValueFrom(
    forkJoin({
      shadow: training.shadow$.pipe(last()),
      scores: training.score$.pipe(toArray()),
      written: training.point$.pipe(toRecordBatches(), writeArrow(metrics)),
      shown: merge(
        showProgress(training, epochs, process.stdout),
        pointsOf(training).pipe(
          tap((point) => shown$.next(point)),
          ignoreElements(),
        ),
      ).pipe(defaultIfEmpty(null)),
    }),
  );

  const weights = join(out, 'ema.safetensors');
  const score = scores.at(-1);
  const about = score === undefined ? {} : { raw_accuracy: percent(score.raw), ema_accuracy: percent(score.ema) };
  const metadata = {
    model: DESCRIPTION,
    seed: `${seed}`,
    epochs: `${scores.length}`,
    steps: `${written.rows}`,
    ...about,
  };
  await writeWeights(weights, shadow, metadata);
  tf.dispose(shadow as never);

  if (scores.length < epochs) say(`\nStopped after ${written.rows} steps.`);
  say(`\n${summary(scores)}\n`);
  say(`wrote    ${fromHere(metrics)}: ${written.rows} rows, every step and its smoothed values`);
  say(`         ${fromHere(weights)}: the averaged weights`);
}

/** A path as the user would write it: short below where they are, else whole. */
function fromHere(path: string): string {
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out ${path} can't be made: ${(error as Error).message}`, { cause: error });
  }
}

async function openDashboard(point$: Observable<MetricPoint>, port: number): Promise<Dashboard> {
  try {
    return await dashboard(point$, { port, title: DESCRIPTION });
  } catch (error) {
    throw new UsageError(`--port ${port}: ${(error as Error).message}`, { cause: error });
  }
}
