import { describe, expect, it } from 'vitest';
import { called, insist, isPassing } from '../../../../src/apps/scale/rdkafka/called.js';
import { CODE } from '../../../../src/apps/scale/rdkafka/errors.js';
import { virtualTime } from '../support/virtualTime.js';

const error = (code: number, more: object = {}) => ({ code, message: 'words', ...more });

describe('what calls back', () => {
  it('resolves with its result, rejects with its error as it is', async () => {
    await expect(called<number>((done) => done(null, 7))).resolves.toBe(7);
    await expect(called<number>((done) => done(undefined, 7))).resolves.toBe(7);
    const cause = error(3);
    await expect(called<number>((done) => done(cause, 7))).rejects.toBe(cause);
  });

  it('rejects with what it throws', async () => {
    const thrown = new TypeError('not connected');
    await expect(
      called(() => {
        throw thrown;
      }),
    ).rejects.toBe(thrown);
  });
});

describe('an error', () => {
  it.each([
    ['a time-out', error(CODE.timedOut), true],
    ['a lost connection', error(CODE.transport), true],
    ['brokers that are away', error(CODE.allDown), true],
    ['a coordinator that is not ready', error(CODE.coordinatorLoading), true],
    ['a transaction of another that is open', error(CODE.unstableOffset), true],
    ['one that the client calls retriable', error(3, { isRetriable: true }), true],
    ['any other', error(3), false],
    ['a fatal one', error(CODE.timedOut, { isFatal: true, isRetriable: true }), false],
    ['one that costs the transaction', error(CODE.timedOut, { isTxnRequiresAbort: true, isRetriable: true }), false],
  ])('passes or not: %s', (_, one, passes) => {
    expect(isPassing(one)).toBe(passes);
  });
});

/** A call that fails so often, with the times at which it was made. */
function failing(times: number, with_ = error(CODE.timedOut)) {
  const at: number[] = [];
  const began = performance.now();
  const call = (): Promise<string> => {
    at.push(performance.now() - began);
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as librdkafka's are
    return at.length <= times ? Promise.reject(with_) : Promise.resolve('done');
  };
  return { at, call };
}

describe('a call that is insisted on', () => {
  it('is made again, a little later each time, up to a second', async () => {
    const time = virtualTime();
    const { at, call } = failing(8);
    expect(await time.settling(insist(call, () => true))).toBe('done');
    expect(at.slice(1).map((ms, i) => ms - at[i]!)).toEqual([20, 40, 80, 160, 320, 640, 1000, 1000]);
  });

  it('is made no more once there is no patience left, or with an error that does not pass', async () => {
    const time = virtualTime();
    const began = performance.now();
    const impatient = failing(99);
    await expect(time.settling(insist(impatient.call, () => performance.now() - began < 100))).rejects.toEqual(error(CODE.timedOut)); // prettier-ignore
    expect(impatient.at).toEqual([0, 20, 60, 140]);
    const lasting = failing(99, error(3));
    await expect(time.settling(insist(lasting.call, () => true))).rejects.toEqual(error(3));
    expect(lasting.at).toHaveLength(1);
  });
});
