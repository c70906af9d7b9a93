import { describe, expect, it } from 'vitest';
import { isRefusal, isSilence, meaning } from '../../../../src/apps/scale/rdkafka/errors.js';

const event = (message: string) => ({ message, code: -1 });

describe('errors of librdkafka that come as events, without their codes', () => {
  it('are refusals by their words', () => {
    expect(isRefusal(event('authentication failure'))).toBe(true);
    expect(isRefusal(event('broker transport failure'))).toBe(false);
    expect(meaning('connecting', event('authentication failure'))).toMatchObject({ code: 'BROKER_REFUSED' });
    expect(meaning('connecting', event('broker transport failure'))).toMatchObject({ what: 'session' });
  });

  it('say by their words that no broker answers', () => {
    expect(isSilence(event('all broker connections are down'))).toBe(true);
    expect(isSilence(event('authentication failure'))).toBe(false);
  });
});

describe('errors of librdkafka with a code', () => {
  it.each([-169, 29, 30, 31, 53, 58])('%i is a refusal', (code) => {
    expect(isRefusal({ message: 'x', code })).toBe(true);
  });

  it('tell that no broker answers', () => {
    expect(isSilence({ message: 'x', code: -187 })).toBe(true);
  });

  it('say that another has the slot, but for a transaction of a member that this one has been', () => {
    expect(meaning('x', { message: 'x', code: 82 })).toMatchObject({ code: 'SLOT_TAKEN' });
    expect(meaning('x', { message: 'x', code: 82, isTxnRequiresAbort: true })).toMatchObject({ what: 'transaction' });
  });

  it('abort the transaction if that is what they ask for', () => {
    expect(meaning('x', { message: 'x', code: -1, isTxnRequiresAbort: true })).toMatchObject({ what: 'transaction' });
  });
});
