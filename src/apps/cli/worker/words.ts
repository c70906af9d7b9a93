import type { PartitionState, WorkerState } from '../../scale/worker.js';
import { ranges } from './ranges.js';

/** What a worker is at, without what changes all the time. */
export function headline({ status, trouble, partitions }: WorkerState): string {
  if (status === 'stopping') return status;
  if (trouble !== null) return `waiting: ${trouble}`;
  if (status === 'restoring') return `restoring ${named(partitions.filter((one) => one.status === 'restoring'))}`;
  if (status !== 'running') return status;
  return `running with ${named(partitions)}`;
}

/** How far a restore has come. */
export function restored({ partitions }: WorkerState): string {
  const of = partitions.reduce((sum, { toRestore }) => sum + toRestore, 0);
  const read = partitions.reduce((sum, one) => sum + Math.min(one.restored, one.toRestore), 0);
  return of === 0 ? 'nothing yet' : `${Math.floor((100 * read) / of)} % of about ${amount(of, 'message')}`;
}

/** How much it does. */
export function summary(state: WorkerState): string {
  const keys = state.partitions.reduce((sum, one) => sum + one.keys, 0);
  const parts = [
    `${count(Math.round(state.rate))} messages/s`,
    `lag ${state.lag === null ? 'unknown' : count(state.lag)}`,
    amount(keys, 'key'),
    done(state),
  ];
  return parts.join(', ');
}

/** What it has done. */
export function done({ messages, deadLetters, trimmed }: WorkerState): string {
  const dead = deadLetters > 0 ? `, ${amount(deadLetters, 'dead letter')}` : '';
  const lost = trimmed > 0 ? `, ${amount(trimmed, 'offset')} gone before they were read` : '';
  return `${amount(messages, 'message')}${dead}${lost}`;
}

/** What it has done in all, once it has left. */
export function farewell(state: WorkerState): string {
  const trouble = state.trouble === null ? '' : `; trouble at the end: ${state.trouble}`;
  return `stopped: ${done(state)}${trouble}`;
}

/** All of it in one line. */
export function statusLine(state: WorkerState): string {
  const isRestoring = state.trouble === null && state.status === 'restoring';
  return [headline(state), ...(isRestoring ? [restored(state)] : []), summary(state)].join(' | ');
}

/** So many of something. */
export function amount(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? '' : 's'}`;
}

const count = (n: number): string => n.toLocaleString('en');

function named(partitions: readonly PartitionState[]): string {
  const numbers = partitions.map(({ partition }) => partition);
  if (numbers.length === 0) return 'no partitions for now';
  return `${numbers.length === 1 ? 'partition' : 'partitions'} ${ranges(numbers)}`;
}
