import type { WorkerOptions } from '../../scale/worker.js';
import { brokersOf } from './brokersOf.js';
import { codecOf } from './codecOf.js';
import { emaOf } from './emaOf.js';
import { kafkaConfig } from './kafkaConfig.js';
import type { WorkerFlags } from './workerFlags.js';

/** What `runWorker` takes, but for what it is connected with. */
export type CommandOptions = Omit<WorkerOptions<never>, 'client' | 'signal' | 'config'> &
  Required<Pick<WorkerOptions<never>, 'config'>>;

const AS_THEY_ARE = ['slot', 'group', 'changelog', 'deadLetters', 'maxDeadInARow', 'commitMs', 'sessionMs'] as const;

/** @throws UsageError for flags and settings that make no sense */
export async function workerOptions(flags: WorkerFlags, env: NodeJS.ProcessEnv): Promise<CommandOptions> {
  const ema = emaOf(flags);
  const { brokers, config } = brokersOf(flags.brokers, kafkaConfig(flags, env));
  const codec = await codecOf(flags.codec);
  const others = AS_THEY_ARE.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  return {
    brokers,
    config,
    input: flags.in,
    output: flags.out,
    ema,
    ...(flags.stat === undefined && { biasCorrected: flags.raw !== true }),
    ...(codec !== undefined && { codec }),
    ...Object.fromEntries(others),
  };
}
