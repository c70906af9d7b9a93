import { SmoothingError } from '../../../errors.js';
import { failure } from '../../../failure.js';
import { postHocEma } from '../../../models/postHocEma.js';
import { toSafetensors } from '../../../sinks/toSafetensors.js';
import type { Snapshot } from '../../../types.js';
import { say } from '../say.js';
import { UsageError } from '../usageError.js';
import type { CheckpointFile } from './checkpointFiles.js';
import { MADE_BY } from './madeBy.js';
import type { WeightsOptions } from './weights.js';

/**
 * Makes an average of the width asked for out of snapshots of power-function averages, and writes it.
 *
 * @throws UsageError for raw checkpoints and a width out of range; SmoothingError as `postHocEma`
 */
export async function postHoc(
  files: readonly CheckpointFile[],
  sigmaRel: number,
  { output, dtype }: WeightsOptions,
): Promise<void> {
  const reading = { path: '' };
  const { weights, step, residual } = made(snapshotsOf(files, reading), sigmaRel, reading);
  const percent = `${(100 * residual).toPrecision(2)} %`;
  const what = `power-function average of width ${sigmaRel} at step ${step}`;
  const metadata = { [MADE_BY]: `rx-ema weights: ${what}, of ${files.length} snapshots, residual ${percent}` };
  const bytes = toSafetensors(output, weights, { metadata, ...(dtype && { dtype }) });
  say(`${files.length} snapshots: ${what}, residual of the fit ${percent}, ${Object.keys(weights).length} tensors`);
  say(`${output}: ${bytes} bytes`);
}

function made(snapshots: Iterable<Snapshot>, sigmaRel: number, reading: { readonly path: string }) {
  try {
    return postHocEma({ snapshots, sigmaRel });
  } catch (error) {
    if (!(error instanceof SmoothingError)) throw error;
    const { code, message } = error;
    if (code === 'DECAY_RANGE') throw new UsageError(message.replace('sigmaRel', '--sigma-rel'));
    if (code === 'FIT_RESIDUAL') {
      const what = message.replace('sigmaRel', '--sigma-rel');
      throw failure(
        code,
        `${what}: take a width that they carry, or save more snapshots as the training goes on`,
        error,
      );
    }
    throw message.includes(reading.path) ? error : failure(code, `${reading.path}: ${message}`, error);
  }
}

/** @param reading - gets the path of the file that is being read */
function* snapshotsOf(files: readonly CheckpointFile[], reading: { path: string }): Generator<Snapshot> {
  for (const { path, file } of files) {
    reading.path = path;
    if (file.holds === 'weights') {
      const tip = 'to average checkpoints themselves, leave --post-hoc out: --sigma-rel does it';
      throw new UsageError(
        `'${path}' must be a snapshot of a power-function average under --post-hoc, got weights: ${tip}`,
      );
    }
    yield file.snapshot;
  }
}
