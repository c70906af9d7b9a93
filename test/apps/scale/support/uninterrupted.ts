import { Ema, EwmState, type EmaOptions, type EwmOptions, type EwmStatistic, type Key } from 'rx-ema';
import type { Codec } from '../../../../src/apps/scale/codec.js';
import type { Message } from '../../../../src/apps/scale/port.js';

/** What comes of one message: a value, or the reason why it is dead. */
export interface Outcome {
  readonly message: Message;
  readonly value?: string | null;
  readonly reason?: string;
}

/** What a worker must make of a partition that nobody ever interrupts: an engine, each key's state apart, message by message. */
export function uninterrupted(
  options: { readonly statistic?: EwmStatistic<unknown> },
  messages: readonly Message[],
  codec: Codec<unknown>,
  most = Infinity,
): Outcome[] {
  const { statistic, ...rest } = options;
  let now: Message | undefined;
  const isClocked = !('time' in rest) && ('halfLifeMs' in rest || 'tauMs' in rest || 'idleMs' in rest);
  const all = {
    ...rest,
    by: (): Key => now!.key && now!.key.toString('latin1'),
    ...(isClocked && { clock: { now: () => (now!.timestamp === -1 ? NaN : now!.timestamp) } }),
  };
  const make = (from?: unknown): { update(value: unknown, readout: 'raw'): unknown; snapshot(): unknown } =>
    statistic === undefined
      ? new Ema(all as unknown as EmaOptions<unknown>, from as never)
      : new EwmState(all as unknown as EwmOptions<unknown>, statistic as never, from as never);
  let engine = make();
  return messages.map((message): Outcome => {
    now = message;
    const { value } = message;
    const before = engine.snapshot();
    try {
      const decoded = value === null ? null : codec.decode(value);
      const out = engine.update(decoded, 'raw');
      const bytes = out == null ? null : Buffer.from(codec.encode(out, value!));
      if ((bytes?.length ?? 0) > most) throw new Error(`the output must be small enough for its topic, got ${bytes!.length} bytes`); // prettier-ignore
      return { message, value: bytes && bytes.toString() };
    } catch (error) {
      engine = make(before); // a dead letter has moved nothing
      return { message, reason: (error as Error).message };
    }
  });
}
