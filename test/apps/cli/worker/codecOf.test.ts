import { tableFromArrays, tableToIPC, type RecordBatch } from 'apache-arrow';
import { expect, it } from 'vitest';
import { codecOf } from '../../../../src/apps/cli/worker/codecOf.js';

it('each name has its codec; JSON is what a worker has of itself', async () => {
  expect([await codecOf(undefined), await codecOf('json')]).toEqual([undefined, undefined]);
  expect((await codecOf('float64'))!.decode(Buffer.from('000000000000f83f', 'hex'))).toBe(1.5);
  const value = Buffer.from(tableToIPC(tableFromArrays({ x: Float64Array.of(7) }), 'stream'));
  const batch = (await codecOf('arrow'))!.decode(value) as unknown as RecordBatch;
  expect(batch.getChild('x')!.get(0)).toBe(7);
});
