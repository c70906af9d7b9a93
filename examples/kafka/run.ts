import type { Observable } from 'rxjs';
import { kafkaClient } from './client.js';
import type { Options } from './options.js';
import { Show } from './show.js';
import { Screen } from './terminal.js';
import { makeTopics } from './topics.js';

/** From the first line to the last: a Kafka, its topics, the page, workers, the sensors; and all of them ended. */
export async function run(options: Options, interrupt$: Observable<void>): Promise<void> {
  const screen = new Screen(process.stdout);
  const show = new Show(options, screen);
  let interrupted = false;
  interrupt$.subscribe(() => (interrupted = true));
  try {
    const client = await kafkaClient(options.brokers === undefined, (line) => screen.tell('kafka', line));
    const brokers = options.brokers ?? (await show.startBroker());
    if (interrupted) return;
    await makeTopics(client, brokers);
    await show.openPage();
    await show.readOutput(client, brokers);
    await show.startWorkers(brokers);
    await show.startSensors(client, brokers);
    await show.goOnUntil(interrupt$);
  } catch (error) {
    if (!interrupted) throw error; // else that is why
  } finally {
    await show.end();
  }
}
