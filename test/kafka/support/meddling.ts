import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumed, KafkaClient, KafkaConsumer, KafkaProducer } from '../../../src/apps/scale/rdkafka/client.js';

/** What is done to a worker from inside of its process, where its moments are known. */
export interface Meddling {
  /** It comes to a halt. */
  readonly halt?: {
    /** As if by SIGKILL; as if by SIGSTOP; or only its own work stands still, not the client's. Until it is woken up. */
    readonly how: 'dies' | 'stops' | 'waits';
    /** In its n-th transaction, from 1. */
    readonly transaction: number;
    readonly when: Moment;
  };
  /** What it does wrong. */
  readonly fault?: Fault;
}

/** Outputs are written, then rows of the changelog, then positions; the commit is under way for 1 to 8 ms, and then done. */
export type Moment =
  'before the rows' | 'before the positions' | 'before the commit' | 'in the commit' | 'after the commit';

export type Fault = 'positions apart' | 'no positions' | 'loses rows as it keeps' | 'loses rows as it restores';

/** One bundle in two: what is under an odd number. */
const isLost = (key: Consumed['key']): boolean => /^rows-.*[13579]$/.test(String(key));

/** The client, with faults. */
export function meddled(client: KafkaClient, { halt, fault }: Meddling, changelog: string): KafkaClient {
  let transactions = 0;
  let halted = false;
  /** From the first row of a transaction on. */
  let isKeeping = false;
  const reach = (when: Moment, then = (): void => {}): void => {
    if (halted || halt?.when !== when || halt.transaction !== transactions) return then();
    halted = true; // what is tried again goes on
    console.log(JSON.stringify({ halts: when }));
    if (halt.how === 'waits') return void process.once('SIGCONT', then);
    process.kill(process.pid, halt.how === 'dies' ? 'SIGKILL' : 'SIGSTOP');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); // the signal may take a moment to arrive
    then();
  };
  const left = (messages?: readonly Consumed[]): Consumed[] | undefined =>
    messages?.filter(({ topic, key }) => topic !== changelog || !isLost(key));
  const Producer = class extends client.Producer {
    override produce(...message: Parameters<KafkaProducer['produce']>): unknown {
      if (message[0] === changelog && message[3] !== null) {
        if (!isKeeping) {
          isKeeping = true;
          transactions++;
          reach('before the rows');
        }
        if (fault === 'loses rows as it keeps' && isLost(message[3])) return true;
      }
      return super.produce(...message);
    }
    override sendOffsetsToTransaction(
      ...[offsets, consumer, ms, done]: Parameters<KafkaProducer['sendOffsetsToTransaction']>
    ): void {
      isKeeping = false;
      reach('before the positions');
      if (fault === 'positions apart') (consumer as { commitSync(offsets: unknown): void }).commitSync(offsets);
      if (fault === 'positions apart' || fault === 'no positions') return done(null);
      super.sendOffsetsToTransaction(offsets, consumer, ms, done);
    }
    override commitTransaction(ms: number, done: Parameters<KafkaProducer['commitTransaction']>[1]): void {
      reach('before the commit', () => {
        super.commitTransaction(ms, (error) => {
          if (error == null) reach('after the commit');
          done(error);
        });
      });
      if (halt !== undefined) void sleep(1 + 7 * Math.random()).then(() => reach('in the commit'));
    }
  };
  const Consumer = class extends client.KafkaConsumer {
    override consume(most: number, done: Parameters<KafkaConsumer['consume']>[1]): unknown {
      if (fault !== 'loses rows as it restores') return super.consume(most, done);
      return super.consume(most, (error, messages) => done(error, left(messages)));
    }
  };
  return { ...client, AdminClient: client.AdminClient, Producer, KafkaConsumer: Consumer };
}
