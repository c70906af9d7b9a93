import type { KafkaClient } from 'rx-ema/kafka';
import { called, type Producer } from './client.js';
import type { Sensor } from './fleet.js';

/** What sensors report, on its way into a topic. */
export interface Telemetry {
  /** Readings handed over so far. */
  readonly sent: number;
  /** Ends it, once all has arrived. */
  stop(): Promise<void>;
}

/** Who reports, and how often. */
export interface Reporting {
  readonly topic: string;
  /** These report ten times a second. */
  readonly eager: readonly Sensor[];
  /** These take turns. */
  readonly others: readonly Sensor[];
  /** Readings per second, of all together. */
  readonly rate: number;
}

const TICK_MS = 100;
const CALL_MS = 10_000;
const QUEUE_FULL = -184;

/** Lets sensors report into a topic, a message a reading, with the sensor as its key. */
export async function startTelemetry(
  client: KafkaClient,
  brokers: string,
  { topic, eager, others, rate }: Reporting,
): Promise<Telemetry> {
  const producer: Producer = new client.Producer(
    { 'bootstrap.servers': brokers, 'enable.idempotence': true, 'linger.ms': 20 } as never,
    { partitioner: 'murmur2_random' } as never, // keys lie where Java's producer puts them
  );
  producer.on('event.error', () => {}); // it tries again by itself
  await called((done) => producer.connect({ timeout: CALL_MS }, done));
  producer.setPollInterval(TICK_MS);

  const startedAt = performance.now();
  let sent = 0;
  let turn = 0;
  const report = (sensor: Sensor): void => {
    const atMs = Date.now();
    const value = Buffer.from(JSON.stringify({ celsius: sensor.read(atMs) }));
    producer.produce(topic, null, value, Buffer.from(sensor.key), atMs, undefined);
    sent++;
  };
  const tick = (): void => {
    const due = Math.floor((rate * (performance.now() - startedAt)) / 1000);
    try {
      for (const sensor of eager) if (sent < due) report(sensor);
      for (let left = due - sent; left > 0; left--) report(others[turn++ % others.length]!);
    } catch (error) {
      if ((error as { code?: number }).code !== QUEUE_FULL) throw error; // the brokers are away: next time
    }
  };
  const timer = setInterval(tick, TICK_MS);
  return {
    get sent() {
      return sent;
    },
    async stop() {
      clearInterval(timer);
      await called((done) => producer.disconnect(CALL_MS, done)).catch(() => {}); // the brokers are away
    },
  };
}
