import { appendFileSync, copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordBatchStreamWriter, Table, tableFromArrays, type RecordBatch } from 'apache-arrow';
import { readArrow, writeArrow } from 'rx-ema/arrow';
import { fromArrow } from 'rx-ema/sources';
import { from, lastValueFrom, Subject, take, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { arrowBatches } from '../../src/sources/arrowBatches.js';
import { refusal, refusalOf } from '../refusal.js';
import { bundle } from '../support/bundle.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { ROOT } from '../support/workspace.js';

const FIXTURES = `${ROOT}/test/fixtures/arrow`;
const END_MARK = 8;

const path = (): string => join(emptyFolder(), 'x.arrows');
const busy = (): number => process.getActiveResourcesInfo().filter((kind) => /Timeout|FSEvent/.test(kind)).length;
const filesOpen = (): number => readdirSync('/proc/self/fd').length;

/** Timers and watches, and files more than before, once there are as few as before, and after 10 s in any case. */
async function leftOver(files: number): Promise<[number, number]> {
  for (let n = 0; n < 100 && (busy() > 0 || filesOpen() > files); n++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [busy(), Math.max(0, filesOpen() - files)]; // the test before may have left some that are being closed
}

const all = (where: string, options = {}): Promise<RecordBatch[]> =>
  lastValueFrom(fromArrow(where, options).pipe(toArray()));

const brokenReader = () =>
  Promise.resolve(() => {
    throw new Error('no reader');
  });

/** One batch of one column. */
const batchOf = (name: string, ...values: number[]): RecordBatch =>
  tableFromArrays({ [name]: Float64Array.from(values) }).batches[0]!;

/** The rows of batches. */
const text = (batches: RecordBatch[]): string[] => new Table(batches).toArray().map(String);

/** A stream of batches, with its end mark. */
function streamOf(...batches: RecordBatch[]): Uint8Array {
  return RecordBatchStreamWriter.writeAll(batches).toUint8Array(true);
}

/** Follows, and shows what has come: each batch as its columns' values. */
function following(where: string) {
  const got: string[] = [];
  let [error, isDone]: [unknown, boolean] = [undefined, false];
  const subscription = fromArrow(where, { follow: true }).subscribe({
    next: ({ schema, data }) =>
      got.push(schema.fields.map(({ name }, i) => `${name} ${data.children[i]!.values.join()}`).join()),
    error: (one: unknown) => (error = one),
    complete: () => (isDone = true),
  });
  onTestFinished(() => subscription.unsubscribe());
  const until = (count: number) => vi.waitUntil(() => got.length >= count || error !== undefined, { timeout: 30_000 });
  const done = () => vi.waitUntil(() => isDone || error !== undefined, { timeout: 30_000 });
  return { got, subscription, until, done, error: () => error, isDone: () => isDone };
}

describe('fromArrow', () => {
  it.each(['numbers.arrow', 'lz4.arrows', 'zstd.arrow', 'delta.arrows'])(
    'has of %s what readArrow has',
    async (name) => {
      const where = join(FIXTURES, name);
      const theirs = await lastValueFrom(readArrow(where).pipe(toArray()));
      expect(text(await all(where))).toEqual(text(theirs));
      expect(text(await all(where, { follow: true }))).toEqual(text(theirs)); // it ends where the file does
      expect(theirs.length).toBeGreaterThan(0);
    },
  );

  it('follows what writeArrow writes: a batch as soon as it is whole, and the end', async () => {
    const where = path();
    const { got, until, done, isDone } = following(where);
    const batch$ = new Subject<RecordBatch>();
    const written = lastValueFrom(batch$.pipe(writeArrow(where)));
    for (let i = 1; i <= 20; i++) {
      batch$.next(batchOf('loss', i, i + 0.5));
      await until(i);
    }
    expect(isDone()).toBe(false);
    batch$.complete();
    await written;
    await done();
    expect(got).toEqual(Array.from({ length: 20 }, (_, i) => `loss ${i + 1},${i + 1.5}`));
  });

  it('has each batch once, wherever the bytes are cut', async () => {
    const bytes = streamOf(batchOf('loss', 1), batchOf('loss', 2, 3));
    for (const size of [1, 7, 64, 150]) {
      const where = path();
      const { got, done, error } = following(where);
      for (let at = 0; at < bytes.length; at += size) {
        appendFileSync(where, bytes.subarray(at, at + size));
        if (at % (size * 16) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await done();
      expect([got, error()]).toEqual([['loss 1', 'loss 2,3'], undefined]);
    }
  });

  it('says soon what is written', async () => {
    const where = path();
    const { until } = following(where);
    const bytes = streamOf(batchOf('loss', 1), batchOf('loss', 2));
    const half = bytes.length - END_MARK - 100;
    writeFileSync(where, bytes.subarray(0, half));
    await until(1);
    const since = performance.now();
    appendFileSync(where, bytes.subarray(half));
    await until(2);
    expect(performance.now() - since).toBeLessThan(2000); // with tests beside it; alone it is less than 200 ms
  });

  it('reads another stream in its place from its beginning, whatever its schema and wherever the first was cut', async () => {
    const first = streamOf(batchOf('loss', 1), batchOf('loss', 2));
    const second = streamOf(batchOf('accuracy', 3));
    for (const cut of [first.length - END_MARK, first.length - END_MARK - 20, 5]) {
      const where = path();
      const { got, until, done, error } = following(where);
      writeFileSync(where, first.subarray(0, cut));
      const whole = cut === 5 ? 0 : cut === first.length - END_MARK ? 2 : 1;
      await until(whole);
      await new Promise((resolve) => setTimeout(resolve, 150)); // so that it has been seen
      const other = `${where}.new`;
      writeFileSync(other, second);
      renameSync(other, where);
      await done();
      expect([got, error()]).toEqual([['loss 1', 'loss 2'].slice(0, whole).concat('accuracy 3'), undefined]);
    }
  });

  it('reads a file that was cut and written anew', async () => {
    const where = path();
    const { got, until, done } = following(where);
    writeFileSync(where, streamOf(batchOf('loss', 1), batchOf('loss', 2)).slice(0, -END_MARK));
    await until(2);
    writeFileSync(where, streamOf(batchOf('loss', 9)));
    await done();
    expect(got).toEqual(['loss 1', 'loss 2', 'loss 9']);
  });

  it('leaves no timer, watch or open file behind', async () => {
    const where = path();
    writeFileSync(where, streamOf(batchOf('loss', 1), batchOf('loss', 2)).slice(0, -END_MARK));
    const before = filesOpen();
    const { subscription, until } = following(where);
    await until(2);
    subscription.unsubscribe();
    expect(await leftOver(before)).toEqual([0, 0]);
    expect(await lastValueFrom(fromArrow(where, { follow: true }).pipe(take(1), toArray()))).toHaveLength(1);
    expect(await lastValueFrom(fromArrow(where).pipe(take(1), toArray()))).toHaveLength(1);
    expect(await leftOver(before)).toEqual([0, 0]);
  });

  it('tells what its reader throws, and has no rejection that nobody handles', async () => {
    for (const follow of [false, true]) {
      const where = path();
      writeFileSync(where, streamOf(batchOf('loss', 1)));
      await expect(lastValueFrom(arrowBatches(where, follow, brokenReader))).rejects.toThrow('no reader');
    }
  });

  it('says which file is damaged, foreign, or not there', async () => {
    const where = path();
    expect(await refusalOf(fromArrow(where))).toMatchObject({ code: 'SOURCE_UNREADABLE' });
    writeFileSync(where, 'step,loss\n1,0.5\n');
    for (const follow of [false, true]) {
      const { code, message } = await refusalOf(fromArrow(where, { follow }));
      expect([code, message.startsWith(`${where}: readArrow's source must be an Arrow stream or file`)]).toEqual([
        'ARROW_FORMAT',
        true,
      ]);
    }
    const cut = `${where}.cut`;
    copyFileSync(join(FIXTURES, 'numbers.arrow'), cut);
    writeFileSync(cut, readFileSync(cut).subarray(0, -20));
    expect(await refusalOf(fromArrow(cut, { follow: true }))).toMatchObject({ code: 'ARROW_FORMAT' });
    expect(refusal(() => fromArrow('')).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromArrow(where, { follow: 1 as never })).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromArrow(where, { fellow: true } as never)).code).toBe('OPTION_UNKNOWN');
  });

  it('takes from a writer without its end mark what is whole', async () => {
    const where = path();
    await lastValueFrom(from([batchOf('loss', 1)]).pipe(writeArrow(where)));
    writeFileSync(where, readFileSync(where).subarray(0, -END_MARK));
    expect(await all(where)).toHaveLength(1);
  });

  it('is in a bundle for the browser without apache-arrow', async () => {
    const { imports, inputs } = await bundle("export { fromArrow } from 'rx-ema/sources';", ROOT);
    expect(imports).toEqual([]);
    expect(inputs.filter((file) => /apache-arrow|src\/arrow/.test(file))).toEqual([]);
  });
});
