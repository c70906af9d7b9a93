import type { SmoothingError } from '../../../errors.js';
import { Setback } from '../port.js';
import type { KafkaError } from './client.js';
import type { ClusterSettings } from './clusterSettings.js';
import { CODE, isRefusal, isShutOut, isSilence, meaning, slotTaken } from './errors.js';

/** ms between two questions whether brokers are back. */
const ASK_MS = 250;

/** What has been heard to be wrong with any of a worker's connections: what ends one ends them all. */
export class Health {
  readonly #to: ClusterSettings;
  readonly #ask: () => Promise<unknown>;
  #failure: SmoothingError | Setback | null = null;
  #lastError: KafkaError | null = null;
  #waiting = false;
  #over = false;
  /** What is wrong, by who says so. */
  readonly #troubles = new Map<unknown, string>();

  /** @param ask - whether a broker answers: rejects if none does */
  constructor(to: ClusterSettings, ask: () => Promise<unknown>) {
    this.#to = to;
    this.#ask = ask;
  }

  /** True while calls may be tried again. */
  get isPatient(): boolean {
    return this.#failure === null && !this.#over;
  }

  /** True while no broker answers. */
  get isWaiting(): boolean {
    return this.#waiting;
  }

  /** True once nothing new is to be begun. */
  get isOver(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** Nothing goes on. The first reason counts. */
  fail(failure: SmoothingError | Setback): void {
    this.#failure ??= failure;
  }

  /** Throws if something has ended all. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** What an error means, or what ended all before. */
  meaning(doing: string, error: KafkaError): SmoothingError | Setback {
    return this.#failure ?? meaning(doing, error);
  }

  /** What it means that a connection does not come about, whose own error says little. */
  unreachable(error: KafkaError): SmoothingError | Setback {
    const last = this.#lastError ?? error;
    const { brokers } = this.#to;
    if (this.#isRefusal(last)) return meaning(`connecting to ${brokers}`, last);
    return new Setback('session', `the brokers at ${brokers} must answer: ${last.message}`);
  }

  /** Takes in what librdkafka says of a connection, beside the results of calls. */
  hear(error: KafkaError, doing = `connecting to ${this.#to.brokers}`): void {
    const before = this.#lastError;
    // that all connections are down says nothing of why, which has been said before
    if (before === null || !(this.#isRefusal(before) || isSilence(error))) this.#lastError = error;
    if (error.code === CODE.fencedInstance) this.fail(slotTaken());
    else if (this.#isRefusal(error)) this.fail(meaning(doing, error));
    else if (error.isFatal === true || error.code === CODE.fatal) {
      // a producer is fenced by "another instance" when its transaction has taken too long, too
      const isSlotTaken = error.message.includes('group.instance.id');
      this.fail(isSlotTaken ? slotTaken() : new Setback('session', error.message));
    } else if (isShutOut(error)) void this.#await(error.message);
    else if (isSilence(error)) void this.#await((before ?? error).message);
  }

  /** Whoever was let in once is let in again. */
  #isRefusal(error: KafkaError): boolean {
    return isRefusal(error) && !(this.#to.refusals.wasLetIn && isShutOut(error));
  }

  /** The group does not take the worker in, and does not say that it never will. */
  leftOut(why: string): void {
    this.tell('group', `the group '${this.#to.group}' must take the worker in: ${why}`);
  }

  /** It has. */
  takenIn(): void {
    this.tell('group', null);
  }

  /**
   * Says what is wrong, or that it no longer is. What is over has nothing to say of what comes after it.
   *
   * @param who - says so: of what others say the latest is told again
   */
  tell(who: unknown, trouble: string | null): void {
    if (!this.#troubles.delete(who) && trouble === null) return;
    if (trouble !== null) this.#troubles.set(who, trouble);
    if (!this.#over) this.#to.trouble([...this.#troubles.values()].at(-1) ?? null);
  }

  /** Brokers are away, unless these are connections that nobody needed: says so until one answers. */
  async #await(why: string): Promise<void> {
    if (this.#waiting || this.#over) return;
    this.#waiting = true;
    const answers = (): Promise<boolean> =>
      this.#ask().then(
        () => true,
        () => false,
      );
    if (!(await answers())) {
      this.tell('brokers', `the brokers at ${this.#to.brokers} must answer: ${why}`);
      while (!this.#over && !(await answers())) await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      this.tell('brokers', null);
    }
    this.#waiting = false;
  }
}
