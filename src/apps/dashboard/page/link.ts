import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { requestOf } from './chartState.js';
import type { Ask, ChartRequest, DrawnChart, HoverValue, Tell } from './contract.js';
import { connected, curves, failures, status } from './model.js';
import { Newest } from './newest.js';
import { saveFile } from './saveFile.js';

/** Charts in sight, and how many pixels wide they are. */
const inSight: Signal<ReadonlyMap<string, number>> = signal(new Map());
const drawn = new Map<string, Signal<DrawnChart | null>>();

/** A chart as it was drawn last; null until it has been. */
export function drawnOf(tag: string): Signal<DrawnChart | null> {
  let one = drawn.get(tag);
  if (one === undefined) drawn.set(tag, (one = signal(null)));
  return one;
}

/** Has a chart drawn from now on; of no pixels: no more. */
export function setSight(tag: string, pixels: number): void {
  if ((inSight.peek().get(tag) ?? 0) === pixels) return;
  const changed = new Map(inSight.peek());
  if (pixels === 0) changed.delete(tag);
  else changed.set(tag, pixels);
  inSight.value = changed;
}

const requests: ReadonlySignal<readonly ChartRequest[]> = computed(() =>
  [...inSight.value].map(([tag, pixels]) => requestOf(tag, pixels)),
);

/** What is asked of a place on a chart, and who wants to know. */
export interface Question {
  readonly chart: ChartRequest;
  readonly x: number;
  readonly answer: (values: readonly HoverValue[]) => void;
}

/** The page's end of the line to its worker. */
class Link {
  readonly #worker = new Worker('worker.js', { type: 'module' });
  readonly #frames = new Newest<readonly ChartRequest[]>((charts) =>
    this.ask({ ask: 'frame', id: ++this.#id, charts }),
  );
  #id = 0;
  readonly #questions = new Map<string, Question>();
  #asked: Question | null = null;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Tell>) => batch(() => this.#take(data)));
    this.#worker.addEventListener('error', ({ message }) => fail(message));
    effect(() => this.#frames.offer(requests.value));
  }

  /** Of questions with one key that wait, the newest is asked. */
  question(key: string, question: Question): void {
    this.#questions.set(key, question);
    this.#nextQuestion();
  }

  ask(message: Ask): void {
    this.#worker.postMessage(message);
  }

  #take(told: Tell): void {
    if (told.tell === 'status') {
      if (told.status.session !== status.peek()?.session) for (const one of drawn.values()) one.value = null;
      status.value = told.status;
      connected.value = told.connected;
    } else if (told.tell === 'curves') curves.value = told.curves;
    else if (told.tell === 'frame') {
      for (const chart of told.charts) drawnOf(chart.chart).value = chart;
      if (told.id === this.#id) this.#frames.done();
    } else if (told.tell === 'hover') {
      const asked = this.#asked;
      this.#asked = null;
      asked?.answer(told.values);
      this.#nextQuestion();
    } else if (told.tell === 'exported') saveFile(told.file, told.name);
    else fail(told.why);
  }

  #nextQuestion(): void {
    const [next] = this.#questions;
    if (this.#asked !== null || next === undefined) return;
    const [key, question] = next;
    this.#questions.delete(key);
    this.#asked = question;
    this.ask({ ask: 'hover', chart: question.chart, x: question.x });
  }
}

let link: Link | null = null;

/** Starts the worker. */
export function startLink(): void {
  link ??= new Link();
}

/** Asks what a chart has at a place; of questions with one key that wait, the newest is asked. */
export function question(key: string, asked: Question): void {
  link?.question(key, asked);
}

/** Asks the worker for something. */
export function ask(message: Ask): void {
  link?.ask(message);
}

function fail(why: string): void {
  failures.value = [...failures.peek(), why];
}
