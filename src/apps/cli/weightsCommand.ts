import { Command, InvalidArgumentError, Option } from 'commander';

import { numberOption } from './numberOption.js';
import type { WeightsOptions } from './weights/weights.js';

const EXAMPLES = `
Examples:
  rx-ema weights checkpoints --decay 0.999 --steps-per-update 500 -o ema.safetensors
      the EMA of a run that saved its weights every 500 steps and was trained without one
  rx-ema weights 'out/checkpoint-*/model.safetensors' --decay 0.9999 --steps-per-update auto -o ema.safetensors
      the steps are the numbers in the names; they need not be evenly spaced
  rx-ema weights checkpoints --sigma-rel 0.1 -o ema.safetensors
      a power-function average (EDM2): its length is a share of the run
  rx-ema weights snapshots --post-hoc --sigma-rel 0.15 -o ema.safetensors
      the same from snapshots of a few such averages that were kept during the training

In PyTorch: model.load_state_dict(safetensors.torch.load_file('ema.safetensors'))
Files that this command wrote are never read as checkpoints. F16 and BF16 come out as F32 unless --dtype says otherwise.`;

/** `rx-ema weights`: from the checkpoints that a run left to a file with their average. */
export function weightsCommand(): Command {
  return new Command('weights')
    .description('averages checkpoints of a model (safetensors): an EMA for those who trained without one')
    .argument('<where...>', 'a folder, a glob in quotes, or files')
    .requiredOption('-o, --output <file>', 'the safetensors file to write')
    .option('--decay <d>', 'weight the past keeps over a training step, in [0, 1]', numberOption)
    .option('--alpha <a>', '1 - decay', numberOption)
    .option('--half-life <steps>', 'training steps after which a weight has halved', numberOption)
    .option('--tau <steps>', 'training steps after which it has fallen to 1/e', numberOption)
    .option('--sigma-rel <s>', 'width of a power-function average as a share of the run, to 0.2886', numberOption)
    .option(
      '--steps-per-update <k>',
      "training steps between two checkpoints; 'auto' reads the names (default: 1)",
      steps,
    )
    .option('--ramp <steps>', "with --decay: yolov5's warm-up, 63 % of the decay after so many steps", numberOption)
    .option(
      '--bias-corrected',
      'the first checkpoint is averaged like the others, in place of a start from a copy of it',
    )
    .addOption(
      new Option('--rule <library>', 'what is averaged; the rest is taken from the newest checkpoint').choices(RULES),
    )
    .addOption(new Option('--dtype <type>', 'narrows all floats of the file').choices(['F16', 'BF16']))
    .option('--post-hoc', 'from snapshots of power-function averages, as toSafetensors writes them of a ModelEma')
    .addHelpText('after', EXAMPLES)
    .action(async (where: readonly string[], options: WeightsOptions) => {
      const { weights } = await import('./weights/weights.js');
      await weights(where, options);
    });
}

const RULES = ['yolov5', 'timm', 'torch', 'keras'];

function steps(text: string): number | 'auto' {
  if (text === 'auto') return text;
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 on, or 'auto'.");
  return Number(text);
}
