import { failure } from '../../../failure.js';
import { SmoothingError } from '../../../errors.js';
import { Setback } from '../port.js';
import type { KafkaError } from './client.js';

/** Codes of librdkafka (negative) and of Kafka that are told apart. */
export const CODE = {
  timedOut: -185,
  assigned: -175,
  revoked: -174,
  erroneousState: -172,
  authentication: -169,
  transport: -195,
  allDown: -187,
  fatal: -150,
  tooLarge: 10,
  coordinatorLoading: 14,
  topicAuthorization: 29,
  groupAuthorization: 30,
  clusterAuthorization: 31,
  topicExists: 36,
  transactionalIdAuthorization: 53,
  saslAuthentication: 58,
  fencedInstance: 82,
  unstableOffset: 88,
} as const;

/** What passes as brokers come and go: nobody knows yet who leads or coordinates, or it has just changed. */
export const PASSING: readonly number[] = [
  CODE.timedOut,
  CODE.transport,
  CODE.allDown,
  CODE.coordinatorLoading,
  CODE.unstableOffset,
  -180, // no coordinator is known
  -166, // timed out in the queue
  -137, // the broker is no longer one of the cluster
  5, // no leader
  6, // not the leader
  7, // timed out at the broker
  15, // no coordinator
  16, // not the coordinator
  74, // an old epoch of the leader
  75, // a new one
  78, // offsets that are not known yet
];

const REFUSALS = new Set<number>([
  CODE.authentication,
  CODE.topicAuthorization,
  CODE.groupAuthorization,
  CODE.clusterAuthorization,
  CODE.transactionalIdAuthorization,
  CODE.saslAuthentication,
]);

/** Whether brokers refuse what is asked. Of what comes as an event or a report, node-rdkafka passes on the words alone. */
export function isRefusal({ code, message }: KafkaError): boolean {
  return REFUSALS.has(code) || /authentication failure|authorization failed/i.test(message);
}

/**
 * Whether a broker does not let the client in. librdkafka says so too if a connection breaks off while they shake hands,
 * which passes.
 */
export function isShutOut({ code, message }: KafkaError): boolean {
  return code === CODE.authentication || /authentication failure/i.test(message);
}

/** Whether no broker answers; as a refusal, told by its words. */
export function isSilence(error: KafkaError): boolean {
  return error.code === CODE.allDown || /all broker connections are down/i.test(error.message);
}

/** What an error of librdkafka means for the worker: a `SmoothingError` if going on makes no sense, else a `Setback`. */
export function meaning(doing: string, error: KafkaError): SmoothingError | Setback {
  const why = `${doing}: ${error.message}`;
  const aborts = error.isTxnRequiresAbort === true;
  // a transaction is told so as well for the member that its own consumer was before it joined anew
  if (error.code === CODE.fencedInstance && !aborts) return slotTaken();
  if (isRefusal(error)) {
    return failure(
      'BROKER_REFUSED',
      `the brokers must allow what a worker does, got '${error.message}' when ${doing}`,
      error,
    );
  }
  return new Setback(aborts ? 'transaction' : 'session', why);
}

export function slotTaken(): SmoothingError {
  return new SmoothingError(
    'SLOT_TAKEN',
    'a slot must have one worker, got a second one, which goes on in place of this',
  );
}
