import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

import type { PartitionState, WorkerState } from '../../scale/worker.js';
import { notReady } from './readiness.js';

type Latest = () => WorkerState | null;
/** A name behind `rx_ema_`, what it tells, where it stands. */
type Row<T> = readonly [name: string, help: string, of: (one: T) => number | null];

const TOTALS: readonly Row<WorkerState>[] = [
  ['messages_total', 'Messages whose transactions are committed, dead letters among them.', (one) => one.messages],
  ['dead_letters_total', 'Messages that could not be smoothed.', (one) => one.deadLetters],
  ['commits_total', 'Transactions committed.', (one) => one.commits],
  ['aborts_total', 'Transactions thrown away.', (one) => one.aborts],
  ['trimmed_total', 'Offsets of the input that were gone before they were read.', (one) => one.trimmed],
  ['restarts_total', 'Times that all was begun anew.', (one) => one.restarts],
];
const LEVELS: readonly Row<WorkerState>[] = [
  ['rate', 'Messages per second, over the last one.', (one) => one.rate],
  ['commit_seconds', 'What the latest commit took.', (one) => one.commitMs && one.commitMs / 1000],
  ['ready', '1 if all partitions are restored and nothing is wrong.', (one) => (notReady(one) === null ? 1 : 0)],
];
const OF_PARTITIONS: readonly Row<PartitionState>[] = [
  ['lag', 'Messages behind the end of the input.', (one) => one.lag],
  ['keys', 'Keys in memory.', (one) => one.keys],
];
const STATUSES = ['restoring', 'running'] as const;

/** What Prometheus is told of a worker, and of its process. */
export function workerMetrics(latest: Latest): Registry {
  const registry = new Registry();
  for (const row of TOTALS) addTotal(registry, row, latest);
  for (const row of LEVELS) addLevel(registry, row, latest);
  for (const row of OF_PARTITIONS) addByPartition(registry, row, latest);
  addByStatus(registry, latest);
  collectDefaultMetrics({ register: registry });
  return registry;
}

function addTotal(registry: Registry, [name, help, of]: Row<WorkerState>, latest: Latest): void {
  const counter = new Counter({
    name: `rx_ema_${name}`,
    help,
    registers: [registry],
    collect() {
      const state = latest();
      counter.reset();
      counter.inc((state && of(state)) ?? 0);
    },
  });
}

function addLevel(registry: Registry, [name, help, of]: Row<WorkerState>, latest: Latest): void {
  const gauge = new Gauge({
    name: `rx_ema_${name}`,
    help,
    registers: [registry],
    collect() {
      const state = latest();
      const value = state && of(state);
      if (value === null) gauge.remove();
      else gauge.set(value);
    },
  });
}

function addByPartition(registry: Registry, [name, help, of]: Row<PartitionState>, latest: Latest): void {
  const gauge = new Gauge({
    name: `rx_ema_${name}`,
    help,
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const one of latest()?.partitions ?? []) {
        const value = of(one);
        if (value !== null) gauge.set({ partition: one.partition }, value);
      }
    },
  });
}

function addByStatus(registry: Registry, latest: Latest): void {
  const gauge = new Gauge({
    name: 'rx_ema_partitions',
    help: 'Partitions of the input that are with this worker.',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      const partitions = latest()?.partitions ?? [];
      for (const status of STATUSES) gauge.set({ status }, partitions.filter((one) => one.status === status).length);
    },
  });
}
