import { fromBytes, toBytes } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { BundleWriter, HEAD_KEY, type ChangelogMessage } from '../../../src/apps/scale/changelog.js';
import { Partition } from '../../../src/apps/scale/partition.js';
import { refusal } from '../../refusal.js';
import { planOf } from './support/fakeWorker.js';

// What a partition makes of changelogs: as compaction leaves them, damaged, of other options, ahead of the position.

const A = Buffer.from('a');
const B = Buffer.from('b');

const partitionOf = (ema: object): Partition<unknown> => new Partition(planOf({ ema }).makeEngine, 'raw');

/** What the changelog gets. */
function commit(partition: Partition<unknown>): ChangelogMessage[] {
  const rows = [...partition.changes()];
  partition.committed();
  return rows;
}

function restored(ema: object, log: readonly ChangelogMessage[], committed: number | null): Partition<unknown> {
  const partition = partitionOf(ema);
  for (const { key, value } of log) partition.restore(key, value);
  partition.start({ committed, oldest: 0, end: Infinity });
  return partition;
}

/** A changelog with a key and then, of more columns, another. */
function grownLog(): { head: ChangelogMessage; first: ChangelogMessage; second: ChangelogMessage } {
  const partition = partitionOf({ decay: 0.5, start: 'first' });
  partition.take(A, 0, { x: 4 });
  partition.next = 1;
  const [, first] = commit(partition) as [ChangelogMessage, ChangelogMessage];
  partition.take(B, 0, { x: 4, y: 1 });
  partition.next = 2;
  const [head, second] = commit(partition) as [ChangelogMessage, ChangelogMessage];
  return { head, first, second };
}

const EMA = { decay: 0.5, start: 'first' };
const start = (log: readonly ChangelogMessage[], committed: number | null = 2, ema: object = EMA) =>
  restored(ema, log, committed);

describe('a changelog', () => {
  it('may have rows of before its head, as compaction leaves them, also rows that are gone', () => {
    const { head, first, second } = grownLog();
    const gone = bundle(2, 'b', undefined);
    expect(start([first, second, head]).take(A, 0, { x: 0, y: 3 })).toEqual({ x: 2, y: 3 });
    expect(start([first, second, gone, head]).keys).toBe(1);
    expect(start([first, head, second, gone]).keys).toBe(1);
    expect(start([gone, head, first, second]).keys).toBe(2);
  });

  it.each<[string, (log: ReturnType<typeof grownLog>) => ChangelogMessage[]]>([
    ['rows but no head', ({ first }) => [first]],
    ['a row of another length behind its head', ({ head, second }) => [head, cut(second, 8)]],
    ['a row of another length before its head', ({ head, second }) => [cut(second, 8), head]],
    ['a longer row than its head has columns', ({ head, second }) => [head, longer(second)]],
    ['half a double', ({ head, second }) => [head, cut(second, 3)]],
    ['an empty bundle', ({ head, second }) => [head, { ...second, value: Buffer.alloc(0) }]],
    ['a message that is no bundle', ({ head, first, second }) => [head, first, second, { ...second, key: B }]],
    ['a bundle without an offset', ({ head }) => [head, bundle(NaN, 'a', new Float64Array(10))]],
    ['a damaged head', ({ head }) => [{ ...head, value: flipped(head.value!, 40) }]],
    ['half a head', ({ head }) => [cut(head, 16)]],
    ['a head of a state that is damaged', () => [{ key: HEAD_KEY, value: Buffer.from(toBytes({ version: 1, plan: planText(), scalars: { kind: 'record' }, shadows: {} })) }]], // prettier-ignore
  ])('is refused with %s', (_, log) => {
    expect(refusal(() => start(log(grownLog()))).code).toBe('SNAPSHOT_CORRUPT');
  });

  it('is refused if it is ahead of the group’s position, so that nothing counts twice', () => {
    const { head, first, second } = grownLog();
    const log = [head, first, second];
    expect(refusal(() => start(log, 1))).toEqual({
      code: 'SNAPSHOT_CORRUPT',
      message:
        "the changelog must be whole, got rows of offset 2, but the group's position at 1: what lies between would count " +
        'twice. With another group or another changelog it starts anew',
    });
    expect(refusal(() => start(log, null)).message).toContain("the group's position at none");
    expect(start(log, 2).next).toBe(2);
    expect(start(log, 40).next).toBe(40);
  });

  it.each<[object, string]>([
    [{ decay: 0.9, start: 'first' }, 'got decay: 0.5 where these have decay: 0.9'],
    [{ decay: 0.5 }, 'got start: first where these have start: zero'],
    [{ ...EMA, columns: ['x'] }, 'got columns: null where these have columns: ["x"]'],
    [{ halfLifeMs: 5 }, 'got start: first, decay: 0.5 where these have halfLifeMs: 5, start: zero'],
    [{ alpha: 0.5, statistic: { stat: 'var' } }, 'got one of an Ema'],
  ])('is refused of other options, with those that differ: %j', (ema, got) => {
    const { head, first, second } = grownLog();
    for (const log of [[head, first, second], [first, second, head]]) {
      expect(refusal(() => start(log, 2, ema))).toEqual({
        code: 'SNAPSHOT_OPTIONS',
        message: `the snapshot must be of the same options, ${got}`,
      });
    } // prettier-ignore
  });

  it('may be of other options where these say nothing about states', () => {
    const { head, first, second } = grownLog();
    const ema = { ...EMA, idleMs: 1000, maxKeys: 5, as: (name: string) => `${name}-mean` };
    expect(start([head, first, second], 2, ema).take(A, 0, { x: 0, y: 3 })).toEqual({ x: 0, y: 3, 'x-mean': 2, 'y-mean': 3 }); // prettier-ignore
  });
});

const cut = ({ key, value }: ChangelogMessage, bytes: number): ChangelogMessage => ({
  key,
  value: value!.subarray(0, -bytes),
});

/** The one row of a bundle, with four more doubles. */
function longer({ key, value }: ChangelogMessage): ChangelogMessage {
  const longer = Buffer.concat([value!, Buffer.alloc(32)]);
  longer.writeUInt32LE(longer.readUInt32LE(12) + 4, 12);
  return { key, value: longer };
}

function bundle(next: number, key: string, row: Float64Array | undefined): ChangelogMessage {
  const writer = new BundleWriter();
  writer.add(key, row);
  return { key: Buffer.from('rows-9'), value: writer.finish(next) };
}

const planText = (): string => fromBytes(grownLog().head.value!).plan;

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}
