import type { KafkaClient } from '../../../../src/apps/scale/rdkafka/client.js';
import type { SessionPlan } from '../../../../src/apps/scale/session.js';
import type { WorkerOptions, WorkerState } from '../../../../src/apps/scale/worker.js';
import { Worker } from '../../../../src/apps/scale/workerLife.js';
import { workerPlan } from '../../../../src/apps/scale/workerPlan.js';
import type { FakeKafka } from './fakeKafka.js';
import { Killed, type FakePort, type Fate } from './fakePort.js';

/** A client by its parts, none of which is used. */
export const noClient: KafkaClient = { KafkaConsumer: {}, Producer: {}, AdminClient: {} } as never;

export type Given = Partial<Omit<WorkerOptions<never>, 'ema'>> & { readonly ema: object };

/** What a worker is told, in topics named `input`, `output`, `changelog`, `dead`. */
export function planOf(options: Given): SessionPlan<unknown> {
  return workerPlan({
    client: noClient,
    brokers: 'none',
    input: 'input',
    output: 'output',
    changelog: 'changelog',
    deadLetters: 'dead',
    ...options,
  } as never).session;
}

/** A worker in a slot, and its supervisor, who starts it again whenever its process dies. */
export interface FakeWorker {
  readonly states: WorkerState[];
  readonly ports: FakePort[];
  /** Lives: 1 and those after a death. */
  readonly lives: number;
  stop(): void;
  /** Its end: resolves once it has stopped, rejects with what ends it. */
  readonly ended: Promise<void>;
}

export function startWorker(kafka: FakeKafka, slot: string, plan: SessionPlan<unknown>, fate?: Fate): FakeWorker {
  const stop = new AbortController();
  const states: WorkerState[] = [];
  const ports: FakePort[] = [];
  let lives = 0;
  const connect = (trouble: (what: string | null) => void): FakePort => {
    const port = kafka.port(slot, fate, trouble);
    ports.push(port);
    return port;
  };
  const live = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      lives++;
      try {
        await new Worker(plan, connect, (state) => states.push(state)).run(stop.signal);
      } catch (error) {
        if (!((error as Error).cause instanceof Killed)) throw error;
      }
    }
  };
  const ended = live();
  ended.catch(() => {}); // told to whoever waits for it
  return {
    states,
    ports,
    get lives() {
      return lives;
    },
    stop: () => stop.abort(),
    ended,
  };
}
