import { freePorts } from '../../test/kafka/support/freePorts.js';
import { healthOf, type Health } from './health.js';
import { supervise, type Supervised } from './supervise.js';
import { startCommand, workerArguments } from './worker.js';

export interface Worker extends Supervised {
  /** null while it does not answer. */
  health(): Promise<Health | null>;
}

/** Workers of one group, in processes of their own, which are started again when they end. @param say - what slot, which line */
export async function startWorkers(
  howMany: number,
  brokers: string,
  say: (slot: number, line: string) => void,
): Promise<Worker[]> {
  const ports = await freePorts(howMany);
  return ports.map((port, slot): Worker => {
    const args = workerArguments(brokers, slot, port);
    const worker = supervise(
      () => startCommand(args),
      (line) => say(slot, line.replace(/^rx-ema: /, '')),
    );
    return {
      get pid() {
        return worker.pid;
      },
      stop: () => worker.stop(),
      health: () => healthOf(port),
    };
  });
}
