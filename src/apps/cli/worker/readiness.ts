import type { WorkerState } from '../../scale/worker.js';
import { headline } from './words.js';

/** Why a worker can't be counted on at the moment; null if it can. */
export function notReady(state: WorkerState | null): string | null {
  if (state === null) return 'starting';
  const { status, trouble, partitions } = state;
  const isReady = status === 'running' && trouble === null && partitions.every((one) => one.status === 'running');
  return isReady ? null : headline(status === 'running' ? { ...state, status: 'restoring' } : state);
}
