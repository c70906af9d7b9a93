import { SmoothingError } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { Setback } from '../../../../src/apps/scale/port.js';
import { CODE, isRefusal, isSilence, meaning } from '../../../../src/apps/scale/rdkafka/errors.js';
import { held } from '../../../refusal.js';

const error = (code: number, message = 'words of the broker', more: object = {}) => ({ code, message, ...more });

describe('an error of librdkafka', () => {
  it.each([
    ['a topic', CODE.topicAuthorization],
    ['a group', CODE.groupAuthorization],
    ['the cluster', CODE.clusterAuthorization],
    ['a transactional id', CODE.transactionalIdAuthorization],
    ['who one is', CODE.saslAuthentication],
    ['who one is, as a connection hears it', CODE.authentication],
  ])('about rights on %s ends a worker', (_, code) => {
    const cause = error(code);
    const meant = meaning('writing', cause);
    expect(held(meant)).toEqual({
      code: 'BROKER_REFUSED',
      message: "the brokers must allow what a worker does, got 'words of the broker' when writing",
    });
    expect((meant as SmoothingError).cause).toBe(cause);
  });

  it('about a member that another has replaced ends it too', () => {
    expect(held(meaning('committing', error(CODE.fencedInstance))).code).toBe('SLOT_TAKEN');
  });

  it('is a setback otherwise: of the transaction, where the client says so, else of all connections', () => {
    const words = ['transaction', 'session'].map((what) => {
      const setback = meaning('committing', error(CODE.timedOut, 'too late', { isTxnRequiresAbort: what === 'transaction' }));
      return setback instanceof Setback ? [setback.what, setback.message] : setback;
    }); // prettier-ignore
    expect(words).toEqual([
      ['transaction', 'committing: too late'],
      ['session', 'committing: too late'],
    ]);
  });

  it('about rights ends a worker also where the transaction would only have to be aborted', () => {
    const meant = meaning('committing', error(CODE.topicAuthorization, 'no', { isTxnRequiresAbort: true }));
    expect(held(meant).code).toBe('BROKER_REFUSED');
  });

  it('is known by its words where it comes as an event, which has no code', () => {
    expect(isRefusal(error(-1, 'SASL authentication error: Authentication failed: Invalid username or password'))).toBe(false); // prettier-ignore
    expect(isRefusal(error(-1, 'Local: Authentication failure'))).toBe(true);
    expect(isSilence(error(-1, 'Local: All broker connections are down'))).toBe(true);
    expect(isSilence(error(CODE.allDown))).toBe(true);
    expect(isSilence(error(CODE.transport, 'connection refused'))).toBe(false);
  });
});
