import type { PartitionState, WorkerState } from '../../../../src/apps/scale/worker.js';

/** A partition that runs, but for what is said. */
export function aPartition(partition: number, other: Partial<PartitionState> = {}): PartitionState {
  return { partition, status: 'running', restored: 10, toRestore: 10, position: 5, lag: 0, keys: 2, ...other };
}

/** A worker that runs with two partitions, but for what is said. */
export function aState(other: Partial<WorkerState> = {}): WorkerState {
  return {
    status: 'running',
    trouble: null,
    partitions: [aPartition(0), aPartition(1)],
    rate: 1234.4,
    lag: 0,
    messages: 10,
    deadLetters: 0,
    commits: 1,
    commitMs: 4,
    aborts: 0,
    restarts: 0,
    trimmed: 0,
    snapshot: () => null,
    ...other,
  };
}
