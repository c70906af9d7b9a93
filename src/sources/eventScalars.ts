import { tensorScalar } from './tensorScalar.js';
import { BYTES, FIXED32, FIXED64, key, Malformed, VARINT, Wire } from './wire.js';

/** A number that was logged for TensorBoard. */
export interface Scalar {
  /** The folder of the file, from the one that is read: `'train'`, `'a/b'`; `''` for that one itself, and for one file. */
  readonly run: string;
  /** The metric's name: `'loss/train'`. */
  readonly tag: string;
  readonly step: number;
  /** When it was logged, in ms since the Unix epoch, with a fraction. */
  readonly atMs: number;
  readonly value: number;
}

const Event = { wallTime: key(1, FIXED64), step: key(2, VARINT), summary: key(5, BYTES) };
const Summary = { value: key(1, BYTES) };
const Value = { tag: key(1, BYTES), simple: key(2, FIXED32), tensor: key(8, BYTES), metadata: key(9, BYTES) };
const Metadata = { plugin: key(1, BYTES) };
const Plugin = { name: key(1, BYTES) };

type Tagged = Pick<Scalar, 'tag' | 'value'>;

/**
 * Finds the scalars in the events of one file.
 *
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto, and summary.proto beside it
 */
export class EventScalars {
  readonly #run: string;
  /** The plugin of each tag that has one: TensorFlow may say it with a tag's first value alone. */
  readonly #plugins = new Map<string, string>();

  #wire = new Wire(new Uint8Array(0));

  constructor(run: string) {
    this.#run = run;
  }

  /**
   * The scalars in one event; other things that are logged are passed over.
   *
   * @param bytes - of which the event is a part
   * @throws Malformed
   */
  read(bytes: Uint8Array, begin: number, end: number): Scalar[] {
    if (!this.#wire.isOf(bytes)) this.#wire = new Wire(bytes); // many events stand in one piece of a file
    const wire = this.#wire;
    wire.at = begin;
    let [seconds, step] = [0, 0];
    const found: Tagged[] = [];
    for (let field = wire.next(end); field !== 0; field = wire.next(end)) {
      if (field === Event.wallTime) seconds = wire.double(end);
      else if (field === Event.step) step = wire.integer(end);
      else if (field === Event.summary) this.#summary(wire, wire.end(end), found);
      else wire.skip(field, end);
    }
    if (!Number.isSafeInteger(step)) throw new Malformed(`step ${step}, which is beyond ±2^53`);
    return found.map(({ tag, value }) => ({ run: this.#run, tag, step, atMs: seconds * 1000, value }));
  }

  #summary(wire: Wire, end: number, found: Tagged[]): void {
    for (let field = wire.next(end); field !== 0; field = wire.next(end)) {
      if (field === Summary.value) this.#value(wire, wire.end(end), found);
      else wire.skip(field, end);
    }
  }

  #value(wire: Wire, end: number, found: Tagged[]): void {
    let tag = '';
    let plugin: string | null = null;
    let value: number | null = null;
    let isTensor = false;
    for (let field = wire.next(end); field !== 0; field = wire.next(end)) {
      if (field === Value.tag) tag = wire.text(end);
      else if (field === Value.simple) [value, isTensor] = [wire.float(end), false];
      else if (field === Value.tensor) [value, isTensor] = [tensorScalar(wire, wire.end(end)), true];
      else if (field === Value.metadata) plugin = pluginIn(wire, wire.end(end));
      else wire.skip(field, end);
    }
    if (plugin !== null && !this.#plugins.has(tag)) this.#plugins.set(tag, plugin);
    if (value !== null && (!isTensor || this.#plugins.get(tag) === 'scalars')) found.push({ tag, value });
  }
}

/** The name of the plugin of TensorBoard that a `SummaryMetadata` is for. */
function pluginIn(wire: Wire, end: number): string | null {
  let name: string | null = null;
  for (let field = wire.next(end); field !== 0; field = wire.next(end)) {
    if (field !== Metadata.plugin) {
      wire.skip(field, end);
      continue;
    }
    const last = wire.end(end);
    for (let inner = wire.next(last); inner !== 0; inner = wire.next(last)) {
      if (inner === Plugin.name) name = wire.text(last);
      else wire.skip(inner, last);
    }
  }
  return name;
}
