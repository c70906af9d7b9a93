import { from, lastValueFrom, map, tap, type Observable } from 'rxjs';

import { biasCorrected } from '../../../../operators/biasCorrected.js';
import { modelEma } from '../../../../operators/modelEma.js';
import { SmoothingError } from '../../../errors.js';
import { failure } from '../../../failure.js';
import { ModelEma } from '../../../modelEma.js';
import type { ModelEmaOptions } from '../../../modelOptions.js';
import { toSafetensors } from '../../../sinks/toSafetensors.js';
import { lazyMap } from '../../../state/lazyMap.js';
import type { SafetensorsArray } from '../../../state/safetensorsDtypes.js';
import type { WeightMap } from '../../../types.js';
import { say } from '../say.js';
import type { CheckpointFile } from './checkpointFiles.js';
import type { Forgetting } from './forgetting.js';
import { MADE_BY } from './madeBy.js';
import { checkpointProgress } from './checkpointProgress.js';
import { spacingInNames, stepsInNames } from './stepsInNames.js';
import { updatesAt } from './updates.js';
import type { WeightsOptions } from './weights.js';

type Map = WeightMap<SafetensorsArray>;

/** Averages checkpoints one after another, with one tensor besides the average in memory, and writes what comes out. */
export async function averaged(
  files: readonly CheckpointFile[],
  forget: Forgetting,
  asked: WeightsOptions,
): Promise<void> {
  const paths = files.map(({ path }) => path);
  const empty = asked.biasCorrected === true || asked.sigmaRel !== undefined;
  const { rule, stepsPerUpdate = 1, dtype, output } = asked;
  const options = {
    ...(stepsPerUpdate === 'auto'
      ? updatesAt(empty ? [0, ...stepsInNames(paths)] : stepsInNames(paths), forget)
      : { ...forget, stepsPerUpdate }),
    ...(rule && { rule }),
  } as ModelEmaOptions<SafetensorsArray>;

  const ema = new ModelEma<SafetensorsArray>(options);
  const progress = checkpointProgress(paths);
  let path = '';
  let shadow: Map;
  try {
    const checkpoints$ = from(files).pipe(
      tap((one) => (path = one.path)),
      map(weightsIn),
    );
    const shadow$ = checkpoints$.pipe(
      averageOf(ema, empty),
      tap(() => progress.next()),
    );
    shadow = await lastValueFrom(shadow$);
  } catch (error) {
    const named = !(error instanceof SmoothingError) || error.message.includes(path);
    throw named ? error : failure(error.code, `${path}: ${error.message}`, error);
  } finally {
    progress.end();
  }

  const newest = files.at(-1)!;
  const last = weightsIn(newest);
  // what the rule ignores is taken as it is, so that the file loads like any checkpoint
  const whole = lazyMap(Object.keys(last).map((name) => [name, () => shadow[name] ?? last[name]!] as const));
  const made = `average of ${files.length} checkpoints, ${paths[0]} to ${newest.path}`;
  const metadata = { ...newest.file.metadata, [MADE_BY]: `rx-ema weights: ${made}` };
  const bytes = toSafetensors(output, whole, { metadata, ...(dtype && { dtype }) });
  report(ema, { ...asked, bytes, paths, first: await shareOfFirst(files.length, options, empty) });
}

/** Of a file that has a shadow besides them, the weights of the model. */
function weightsIn({ path, file: { holds, weights, model, updates } }: CheckpointFile): Map {
  if (holds === 'weights') return weights;
  if (model !== undefined) return model;
  const tip = 'snapshots of power-function averages go with --post-hoc';
  throw new SmoothingError(
    'VALUE_KIND',
    `'${path}' must hold a model's weights, got the shadow of ${updates} updates: ${tip}`,
  );
}

function averageOf<W>(ema: ModelEma<W> | ModelEmaOptions<W>, empty: boolean) {
  return (source: Observable<WeightMap<W>>): Observable<WeightMap<W>> =>
    empty ? source.pipe(modelEma(ema), biasCorrected()) : source.pipe(modelEma(ema));
}

/** What share of the average the first checkpoint has: what comes of 1, 0, 0, … */
async function shareOfFirst(
  count: number,
  options: ModelEmaOptions<SafetensorsArray>,
  empty: boolean,
): Promise<number> {
  const impulse = Array.from({ length: count }, (_, i): Map => ({ w: Float64Array.of(i === 0 ? 1 : 0) }));
  return Number((await lastValueFrom(from(impulse).pipe(averageOf(options, empty))))['w']![0]);
}

interface Done extends WeightsOptions {
  readonly bytes: number;
  readonly paths: readonly string[];
  readonly first: number;
}

function report(
  ema: ModelEma<SafetensorsArray>,
  { output, bytes, paths, first, stepsPerUpdate, sigmaRel }: Done,
): void {
  const rules = JSON.parse(ema.saved().scalars['entries'] as string) as readonly { readonly rule: string }[];
  const averages = rules.filter(({ rule }) => rule === 'average').length;
  const total = Object.keys(ema.shadow).length;
  const refused = ema.refused === 0 ? '' : `; ${ema.refused} elements that are not finite were left out`;
  const lines = [
    `${paths.length === 1 ? `1 checkpoint, ${paths[0]}` : `${paths.length} checkpoints, ${paths[0]} to ${paths.at(-1)}`}: ${averages} tensors averaged, ${total - averages} copied${refused}`,
    `the first checkpoint has ${Number((100 * first).toPrecision(2))} % of the average`,
    `${output}: ${bytes} bytes`,
  ];
  const spacing = spacingInNames(paths);
  if (stepsPerUpdate === undefined && sigmaRel === undefined && spacing !== null && spacing > 1) {
    lines.push(
      `each checkpoint counted as one step; if the numbers in the names are training steps, --steps-per-update ${spacing} makes the decay one per training step`,
    );
  }
  for (const line of lines) say(line);
}
