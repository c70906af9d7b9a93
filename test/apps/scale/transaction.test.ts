import { expect, it } from 'vitest';
import { float64 } from '../../../src/apps/scale/codecs/float64.js';
import { Partition } from '../../../src/apps/scale/partition.js';
import type { Outgoing, Port } from '../../../src/apps/scale/port.js';
import { Transaction } from '../../../src/apps/scale/transaction.js';
import { planOf, type Given } from './support/fakeWorker.js';

const ONE = Buffer.from('000000000000f03f', 'hex');
const NUMBERS = { codec: float64() as never, values: [ONE, null] };
const RECORDS = { values: [Buffer.from('{"x":1,"y":2}'), null] };
const cov = { stat: 'cov', x: 'x', y: 'y' } as const;

/** What comes of messages of one key: topics and values. */
function outcome({ values, ...given }: Given & { values: readonly (Buffer | null)[] }): [string, string | null][] {
  const written: Outgoing[] = [];
  const produce = (message: Outgoing): null => {
    written.push(message);
    return null;
  };
  const plan = planOf(given);
  const transaction = new Transaction({ produce } as unknown as Port, plan);
  const partition = new Partition(plan.makeEngine, plan.readout);
  for (const [offset, value] of values.entries()) {
    transaction.take(partition, { partition: 0, offset, key: Buffer.from('k'), value, timestamp: 0 });
  }
  const isBinary = given.codec !== undefined;
  return written.map(({ topic, value }) => [topic, value && Buffer.from(value).toString(isBinary ? 'hex' : 'utf8')]);
}

it.each<[string, Given & { values: readonly (Buffer | null)[] }, [string, string | null]]>([
  ['no value, of records', { ...RECORDS, ema: { decay: 0.5 } }, ['output', null]],
  ['no value, of records with carry', { ...RECORDS, ema: { decay: 0.5, missing: 'carry' } }, ['output', null]],
  ['no value, of numbers', { ...NUMBERS, ema: { decay: 0.5 } }, ['output', null]],
  ['no value, of numbers with propagate', { ...NUMBERS, ema: { decay: 0.5, missing: 'propagate' } }, ['output', null]],
  ['the number before, with carry', { ...NUMBERS, ema: { alpha: 1, missing: 'carry' } }, ['output', ONE.toString('hex')]], // prettier-ignore
  ['the number before, of a statistic', { ...NUMBERS, ema: { alpha: 0.5, statistic: { stat: 'mean' } } }, ['output', ONE.toString('hex')]], // prettier-ignore
  ['NaN, of cov: null in JSON', { ...RECORDS, ema: { alpha: 0.5, statistic: cov } }, ['output', 'null']],
  ['a dead letter, with throw', { ...RECORDS, ema: { decay: 0.5, missing: 'throw' } }, ['dead', null]],
])('a message without a value becomes %s', (_, given, last) => {
  expect(outcome(given).at(-1)).toEqual(last);
});
