import { UsageError } from '../usageError.js';
import { averaged } from './averaged.js';
import { checkpointFiles } from './checkpointFiles.js';
import { forgetting } from './forgetting.js';
import { postHoc } from './postHoc.js';

/** What `rx-ema weights` was asked for. */
export interface WeightsOptions {
  readonly output: string;
  readonly decay?: number;
  readonly alpha?: number;
  readonly halfLife?: number;
  readonly tau?: number;
  readonly sigmaRel?: number;
  readonly stepsPerUpdate?: number | 'auto';
  readonly ramp?: number;
  readonly biasCorrected?: boolean;
  readonly rule?: 'yolov5' | 'timm' | 'torch' | 'keras';
  readonly dtype?: 'F16' | 'BF16';
  readonly postHoc?: boolean;
}

const NOT_POST_HOC = {
  decay: '--decay',
  alpha: '--alpha',
  halfLife: '--half-life',
  tau: '--tau',
  stepsPerUpdate: '--steps-per-update',
  ramp: '--ramp',
  biasCorrected: '--bias-corrected',
  rule: '--rule',
} as const;

/**
 * Averages checkpoints into a file, and says on stderr what it did.
 *
 * @param where - folders, globs, files
 * @throws UsageError for options that don't go together or are out of range; SmoothingError for files
 */
export async function weights(where: readonly string[], options: WeightsOptions): Promise<void> {
  if (!/\.safetensors$/i.test(options.output)) {
    throw new UsageError(`-o must end in .safetensors, got '${options.output}'`);
  }
  if (options.postHoc !== true) {
    const forget = forgetting(options);
    await averaged(await checkpointFiles(where, options.output), forget, options);
    return;
  }
  const { output, sigmaRel } = options;
  const unfit = Object.entries(NOT_POST_HOC).find(([name]) => options[name as keyof WeightsOptions] !== undefined);
  if (unfit !== undefined) throw new UsageError(`${unfit[1]} must come without --post-hoc: the snapshots are averages`);
  if (sigmaRel === undefined) throw new UsageError('--post-hoc must come with --sigma-rel, the width that is wanted');
  await postHoc(await checkpointFiles(where, output), sigmaRel, options);
}
