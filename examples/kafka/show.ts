import { setTimeout as sleep } from 'node:timers/promises';
import { exhaustMap, firstValueFrom, interval, merge, NEVER, share, Subject, timer, type Observable } from 'rxjs';
import { dashboard } from 'rx-ema/dashboard';
import type { KafkaClient } from 'rx-ema/kafka';
import { startCluster } from '../../test/kafka/support/cluster.js';
import { openInBrowser } from '../train/openInBrowser.js';
import { UsageError } from '../train/options.js';
import { fleetOf, type Sensor } from './fleet.js';
import { fromTopic } from './fromTopic.js';
import type { Options } from './options.js';
import { readingPoints, VIEW, workerPoint } from './points.js';
import { startTelemetry, type Telemetry } from './telemetry.js';
import { count, statusLine, type Screen } from './terminal.js';
import { INPUT, OUTPUT } from './topics.js';
import { startWorkers, type Worker } from './workers.js';

const WORKERS = 2;
/** Sensors that are on the page. */
const SHOWN = 3;
/** ms that readings under way have at the end to come out. */
const LAST_MS = 10_000;

/** All that goes on. What began last ends first. */
export class Show {
  readonly #options: Options;
  readonly #screen: Screen;
  readonly #ends: (() => unknown)[] = [];
  readonly #shown: readonly Sensor[];
  readonly #others: readonly Sensor[];
  readonly #point$ = new Subject<object>();
  readonly #failed$ = new Subject<never>();
  #workers: readonly Worker[] = [];
  #telemetry: Telemetry | null = null;
  /** Messages that came out. */
  #out = 0;
  #before = { atMs: performance.now(), in: 0, out: 0 };

  constructor(options: Options, screen: Screen) {
    const fleet = fleetOf(options.sensors);
    this.#options = options;
    this.#screen = screen;
    this.#shown = fleet.slice(0, SHOWN);
    this.#others = fleet.slice(SHOWN);
  }

  /** A broker on this machine, with its data in a temporary folder. @returns where it is */
  async startBroker(): Promise<string> {
    const cluster = await startCluster();
    this.#ends.push(() => cluster.stop());
    this.#screen.tell('broker', `${cluster.bootstrap}, pid ${cluster.brokers[0]!.pid}`);
    return cluster.bootstrap;
  }

  async openPage(): Promise<void> {
    const { port, open } = this.#options;
    const page = await dashboard(this.#point$, { port, title: 'a fleet of sensors' }).catch((error: Error) => {
      throw new UsageError(`--port ${port}: ${error.message}`, { cause: error });
    });
    this.#ends.push(() => page.close());
    const url = page.url + VIEW;
    this.#screen.tell('page', url);
    if (open) await openInBrowser(url, (line) => this.#screen.say(line));
  }

  /** Counts what comes out, and shows what comes of some. */
  async readOutput(client: KafkaClient, brokers: string): Promise<void> {
    const keys = new Set(this.#shown.map(({ key }) => key));
    const message$ = fromTopic(client, brokers, OUTPUT).pipe(share());
    const reading = message$.subscribe({
      next: (messages) => {
        this.#out += messages.length;
        const shown = messages.filter(({ key }) => keys.has(key.toString()));
        for (const point of shown.flatMap(readingPoints)) this.#point$.next(point);
      },
      error: (error: unknown) => this.#failed$.error(error),
    });
    this.#ends.push(() => reading.unsubscribe());
    await firstValueFrom(message$);
  }

  async startWorkers(brokers: string): Promise<void> {
    this.#workers = await startWorkers(WORKERS, brokers, (slot, line) => this.#screen.tell(`worker ${slot}`, line));
    this.#ends.push(() => Promise.all(this.#workers.map((worker) => worker.stop())));
  }

  async startSensors(client: KafkaClient, brokers: string): Promise<void> {
    const { rate, sensors } = this.#options;
    const telemetry = await startTelemetry(client, brokers, {
      topic: INPUT,
      eager: this.#shown,
      others: this.#others,
      rate,
    });
    this.#telemetry = telemetry;
    this.#ends.push(() => this.#settle(telemetry));
    this.#screen.tell('sensors', `${count(sensors)} of them report, ${count(rate)} readings a second`);
    this.#screen.tell(
      'try',
      `kill -9 ${this.#workers[1]!.pid}: worker 1 comes back, and nothing is lost or counted twice`,
    );
  }

  /** Tells every second how it goes, until somebody ends it, or `--seconds`. */
  async goOnUntil(interrupt$: Observable<void>): Promise<void> {
    const { seconds } = this.#options;
    const told = interval(1000)
      .pipe(exhaustMap((i) => this.#tell(i + 1)))
      .subscribe();
    this.#ends.push(() => told.unsubscribe());
    await firstValueFrom(merge(interrupt$, seconds === undefined ? NEVER : timer(1000 * seconds), this.#failed$));
  }

  /** Ends all of it; readings that are under way come out first. */
  async end(): Promise<void> {
    this.#screen.end();
    for (const end of this.#ends.reverse()) await end();
    if (this.#telemetry === null) return;
    this.#screen.tell('ended', `${count(this.#telemetry.sent)} readings in, ${count(this.#out)} smoothed out`);
  }

  async #settle(telemetry: Telemetry): Promise<void> {
    await telemetry.stop();
    const until = performance.now() + LAST_MS;
    while (this.#out < telemetry.sent && performance.now() < until) await sleep(50);
  }

  async #tell(second: number): Promise<void> {
    const health = await Promise.all(this.#workers.map((worker) => worker.health()));
    const now = { atMs: performance.now(), in: this.#telemetry!.sent, out: this.#out };
    const seconds = (now.atMs - this.#before.atMs) / 1000;
    const rates = { in: (now.in - this.#before.in) / seconds, out: (now.out - this.#before.out) / seconds };
    this.#before = now;
    this.#screen.show(statusLine(second, rates, health));
    for (const [slot, one] of health.entries()) if (one !== null) this.#point$.next(workerPoint(slot, one));
  }
}
