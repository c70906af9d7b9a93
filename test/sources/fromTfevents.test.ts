import fs, {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { fromTfevents, type Scalar } from 'rx-ema/sources';
import { lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { refusal, refusalOf } from '../refusal.js';
import { bundle } from '../support/bundle.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { dataIn, decodeEvent, encodeEvent, eventFile, record, scalarEvent } from '../support/tfevents.js';
import { ROOT } from '../support/workspace.js';

const NAME = 'events.out.tfevents.1700000000.host.1.0';
const FIXTURES = `${ROOT}/test/fixtures/tfevents`;
const PYTORCH = `${ROOT}/examples/data/run/events.out.tfevents.1795374164.vm.11746.0`;

const all = (where: string, options = {}): Promise<Scalar[]> =>
  lastValueFrom(fromTfevents(where, options).pipe(toArray()));
const short = ({ run, tag, step, value }: Scalar): string => `${run} ${tag} ${step} ${value}`;

/** Writes a file of a run, folders included. */
function put(path: string, bytes: Uint8Array): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** Follows, and shows what has come. */
function following(where: string, options = {}) {
  const got: string[] = [];
  let error: unknown;
  const source = fromTfevents(where, { follow: true, ...options });
  const subscription = source.subscribe({
    next: (scalar) => got.push(short(scalar)),
    error: (one: unknown) => (error = one),
  });
  onTestFinished(() => subscription.unsubscribe());
  const until = (count: number) => vi.waitUntil(() => got.length >= count || error !== undefined, { timeout: 30_000 });
  return { got, source, subscription, until, error: () => error };
}

/** A list in the order of its texts; those of one text stay as they are. */
const orderedBy = <T>(list: readonly T[], text: (one: T) => string): T[] =>
  [...list].sort((a, b) => (text(a) < text(b) ? -1 : Number(text(a) > text(b))));

/** A record with one tensor. */
const tensorRecord = (tag: string, tensor: object, pluginName?: string): Uint8Array => {
  const metadata = pluginName === undefined ? {} : { metadata: { pluginData: { pluginName } } };
  return record(encodeEvent({ step: 1, summary: { value: [{ tag, tensor: { ...tensor }, ...metadata }] } }));
};

const path = (): string => join(emptyFolder(), NAME);
const busy = (): number => process.getActiveResourcesInfo().filter((name) => /Timeout|FSEvent/.test(name)).length;
const filesOpen = (): number => readdirSync('/proc/self/fd').length;

/** Timers and watches, and files more than before, once there are as few as before, and after 10 s in any case. */
async function leftOver(files: number): Promise<[number, number]> {
  for (let n = 0; n < 100 && (busy() > 0 || filesOpen() > files); n++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return [busy(), Math.max(0, filesOpen() - files)]; // the test before may have left some that are being closed
}

/** What protobufjs finds in a file of one run, with the same rules. */
function expected(path: string, run: string): Scalar[] {
  const plugins = new Map<string, string>();
  return dataIn(readFileSync(path)).flatMap((data) => {
    const { step = 0, wallTime = 0, summary } = decodeEvent(data);
    return (summary?.value ?? []).flatMap(({ tag, simpleValue, tensor, metadata }) => {
      if (metadata !== undefined && !plugins.has(tag)) plugins.set(tag, metadata.pluginData.pluginName);
      const value = simpleValue ?? (plugins.get(tag) === 'scalars' ? float32In(tensor) : undefined);
      return value === undefined ? [] : [{ run, tag, step: Number(step), atMs: wallTime * 1000, value }];
    });
  });
}

function float32In(tensor: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const content = tensor?.['tensorContent'] as Buffer | undefined;
  return tensor?.['dtype'] === 1 && content?.length === 4
    ? content.readFloatLE(0)
    : (tensor?.['floatVal'] as number[])?.[0];
}

describe('fromTfevents', () => {
  it("reads PyTorch's file: what the program logged beside it as CSV, to the bit of a float", async () => {
    const rows = readFileSync(`${ROOT}/examples/data/run.csv`, 'utf8').trimEnd().split('\n').slice(1);
    const [, , ...columns] = ['step', 'time_ms', 'loss', 'accuracy', 'lr'];
    const logged = rows.flatMap((row) => {
      const [step, , ...cells] = row.split(',');
      return columns.flatMap((name, i) =>
        cells[i] === '' ? [] : [[`train/${name}`, Number(step), Math.fround(Number(cells[i]))]],
      );
    });
    const scalars = await all(PYTORCH);
    expect(
      orderedBy(
        scalars.map(({ tag, step, value }) => [tag, step, value]),
        (one) => String(one[0]),
      ),
    ).toEqual(orderedBy(logged, (one) => String(one[0])));
    expect(scalars.filter(({ value }) => Number.isNaN(value)).map(({ step }) => step)).toEqual([200, 201]);
    expect(scalars).toEqual(expected(PYTORCH, ''));
  });

  it("reads what TensorFlow 2 and Keras wrote as TensorBoard's own reader does: every type, and nothing but scalars", async () => {
    const theirs = JSON.parse(readFileSync(`${FIXTURES}/scalars.json`, 'utf8')) as (Omit<Scalar, 'value'> & {
      value: string;
    })[];
    const numbers: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity };
    const wanted = theirs.map((scalar) => ({ ...scalar, value: numbers[scalar.value] ?? Number(scalar.value) }));
    const scalars = await all(FIXTURES);
    expect(orderedBy(scalars, short)).toEqual(orderedBy(wanted, short));
    expect(new Set(scalars.map(({ run }) => run))).toEqual(new Set(['keras/train', 'keras/validation', 'kinds']));
    expect(scalars.find(({ tag, step }) => tag === 'types/int64' && step === 4)?.value).toBe(2 ** 53 - 1);
    expect(scalars.find(({ tag }) => tag === 'late')?.step).toBe(2 ** 53 - 1);
  });

  it('has of each file what protobufjs finds in it', async () => {
    for (const run of ['train', 'validation']) {
      const path = `${FIXTURES}/keras/${run}/events.out.tfevents.1700000000.host.2.0.v2`;
      expect(await all(path)).toEqual(expected(path, ''));
      expect(expected(path, '').length).toBeGreaterThan(3);
    }
  });

  it('takes each folder with files of events for a run, in natural order, and several files of one in theirs', async () => {
    const root = emptyFolder();
    put(join(root, 'run-10', NAME), eventFile([['loss', 1, 10]]));
    put(join(root, 'run-9', 'deep', 'er', NAME), eventFile([['loss', 1, 9]]));
    put(join(root, `${NAME}.v2`), eventFile([['loss', 1, 0]]));
    put(join(root, 'run-10', 'events.out.tfevents.1700000002.host.2.0'), eventFile([['loss', 2, 12]]));
    put(join(root, 'run-10', 'events.out.tfevents.1700000001.host.10.0'), eventFile([['loss', 3, 11]]));
    put(join(root, 'run-10', 'events.out.tfevents.1700000001.host.9.0'), eventFile([['loss', 7, 11]]));
    put(join(root, 'run-10', 'model.txt'), Buffer.from('no events'));
    expect((await all(root)).map(short)).toEqual([
      ' loss 1 0',
      'run-9/deep/er loss 1 9',
      'run-10 loss 1 10',
      'run-10 loss 7 11',
      'run-10 loss 3 11',
      'run-10 loss 2 12',
    ]);
  });

  it('follows links to folders, and none that leads back', async () => {
    const root = emptyFolder();
    put(join(root, 'a', NAME), eventFile([['loss', 1, 5]]));
    symlinkSync('..', join(root, 'a', 'back'));
    symlinkSync(join(root, 'a'), join(root, 'b'));
    symlinkSync('nowhere', join(root, 'tfevents.gone'));
    expect((await all(root)).map(short)).toEqual(['a loss 1 5', 'b loss 1 5']);
  });

  it('reads one file, whatever its name, and gzip', async () => {
    const path = put(join(emptyFolder(), 'renamed'), eventFile([['loss', 1, 0.5]]));
    const expected = [{ run: '', tag: 'loss', step: 1, atMs: 1700000001000, value: 0.5 }];
    expect(await all(path)).toEqual(expected);
    expect(await all(put(`${path}.gz`, gzipSync(readFileSync(path))))).toEqual(expected);
  });

  it("remembers a tag's plugin from its first value, and passes over tensors of other plugins, or of several elements", async () => {
    const two = { dtype: 1, tensorShape: { dim: [{ size: 2 }] }, floatVal: [1, 2] };
    const path = put(
      join(emptyFolder(), NAME),
      Buffer.concat([
        tensorRecord('a', { dtype: 1, floatVal: [1] }, 'scalars'),
        tensorRecord('a', { dtype: 2, doubleVal: [0.1] }),
        tensorRecord('b', { dtype: 1, floatVal: [2] }),
        tensorRecord('c', two, 'scalars'),
        tensorRecord('d', { dtype: 7, stringVal: [Buffer.from('x')] }, 'scalars'),
        tensorRecord('e', { dtype: 1, floatVal: [1] }, 'text'),
        tensorRecord('zero', { dtype: 9 }, 'scalars'),
        tensorRecord(
          'one',
          { dtype: 9, int64Val: ['-3'], tensorShape: { dim: [{ size: 1 }, { size: 1 }] } },
          'scalars',
        ),
        tensorRecord('half', { dtype: 19, halfVal: [0x3800] }, 'scalars'),
        tensorRecord('brain', { dtype: 14, halfVal: [0x3f80] }, 'scalars'),
        tensorRecord('int8', { dtype: 6, tensorContent: Buffer.of(0xff) }, 'scalars'),
      ]),
    );
    expect((await all(path)).map(({ tag, value }) => [tag, value])).toEqual([
      ['a', 1],
      ['a', 0.1],
      ['zero', 0],
      ['one', -3],
      ['half', 0.5],
      ['brain', 1],
      ['int8', -1],
    ]);
  });

  it('delivers steps that go back as they stand, and nothing of a session log', async () => {
    const start = record(encodeEvent({ step: 2, sessionLog: { status: 1 } }));
    const again = [
      ['loss', 2, 20],
      ['loss', 3, 30],
    ] as const;
    const bytes = Buffer.concat([
      eventFile([
        ['loss', 1, 1],
        ['loss', 2, 2],
        ['loss', 3, 3],
      ]),
      start,
      eventFile(again),
    ]);
    const path = put(join(emptyFolder(), NAME), bytes);
    expect((await all(path)).map(({ step, value }) => [step, value])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [2, 20],
      [3, 30],
    ]);
  });
});

describe('fromTfevents of what is damaged', () => {
  const sound = eventFile([
    ['loss', 1, 0.5],
    ['loss', 2, 0.25],
    ['loss', 3, 0.125],
  ]);

  it('delivers what is whole of a file that was cut, wherever, and ends well', async () => {
    const file = path();
    const steps: number[] = [];
    for (let length = 0; length <= sound.length; length++) {
      writeFileSync(file, sound.subarray(0, length));
      steps.push((await all(file)).length);
    }
    const size = (sound.length - 40) / 3;
    expect(steps.at(-1)).toBe(3);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.filter((count) => count === 1).length).toBe(Math.round(size));
  });

  it('says which record, of which file, and where', async () => {
    const file = path();
    const bytes = Buffer.from(sound);
    bytes[bytes.length - 6]! ^= 1; // in the data of the last record
    writeFileSync(file, bytes);
    const { code, message } = await refusalOf(fromTfevents(file));
    expect(code).toBe('FILE_FORMAT');
    const at = sound.length - record(scalarEvent('loss', 3, 0.125)).length;
    expect(message).toBe(`record 4 of '${file}', at byte ${at}, must have the checksum of its data, got another`);
  });

  it('leaves out a damaged record, or all behind a damaged length, and counts it', async () => {
    const file = path();
    const length = record(scalarEvent('loss', 1, 0.5)).length;
    for (const [at, steps] of [
      [40 + 12, [2, 3]],
      [40 + length, [1]],
    ] as const) {
      const bytes = Buffer.from(sound);
      bytes[at]! ^= 4;
      writeFileSync(file, bytes);
      const scalar$ = fromTfevents(file, { onBadRow: 'skip' });
      const scalars = await lastValueFrom(scalar$.pipe(toArray()));
      expect([scalars.map(({ step }) => step), scalar$.skipped]).toEqual([steps, 1]);
    }
  });

  it.each([
    ['a message that ends in the middle', Buffer.of(0x0a)],
    [
      'a step beyond 2^53',
      encodeEvent({ step: '9007199254740993', summary: { value: [{ tag: 'x', simpleValue: 1 }] } }),
    ],
  ])('takes for damaged %s under a sound checksum', async (_, data) => {
    const file = put(path(), Buffer.concat([sound, record(data), record(scalarEvent('loss', 4, 1))]));
    expect((await refusalOf(fromTfevents(file))).message).toMatch(
      /^record 5 of .* must be an event of TensorFlow, got /,
    );
    expect(await all(file, { onBadRow: 'skip' })).toHaveLength(4);
  });

  it('never delivers a wrong scalar of PyTorch’s file, whichever byte is another', async () => {
    const bytes = readFileSync(PYTORCH).subarray(0, 3000);
    const file = put(path(), bytes);
    const right = new Set((await all(file)).map((scalar) => JSON.stringify(scalar)));
    expect(right.size).toBeGreaterThan(50);
    const changes = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(changes, async ([at, difference]) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= difference;
        writeFileSync(file, changed);
        const scalar$ = fromTfevents(file, { onBadRow: 'skip' });
        const scalars = await lastValueFrom(scalar$.pipe(toArray()));
        expect(scalars.filter((scalar) => !right.has(JSON.stringify(scalar)))).toEqual([]);
        expect(scalar$.skipped + Number(at > bytes.length - 60)).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('makes scalars or damage of any event under a sound checksum, and nothing else', async () => {
    const file = path();
    const bytes = fc.uint8Array({ maxLength: 80 });
    const sound = Array.from(scalarEvent('loss', 300, 0.5));
    const nearly = fc
      .tuple(fc.nat(sound.length - 1), fc.nat(255))
      .map(([at, byte]) => Uint8Array.from(sound, (own, i) => (i === at ? byte : own)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, nearly), async (data) => {
        writeFileSync(file, record(data));
        const scalar$ = fromTfevents(file, { onBadRow: 'skip' });
        const scalars = await lastValueFrom(scalar$.pipe(toArray()));
        expect(
          scalars.filter(
            ({ step, tag, value }) =>
              !(Number.isSafeInteger(step) && typeof tag === 'string' && typeof value === 'number'),
          ),
        ).toEqual([]);
        expect(scalar$.skipped).toBeLessThanOrEqual(scalars.length === 0 ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses what is no file of events, is not there, or holds none', async () => {
    const folder = emptyFolder();
    const csv = put(join(folder, 'run.csv'), Buffer.from('step,loss\n1,0.5\n2,0.25\n'));
    expect((await refusalOf(fromTfevents(csv))).message).toContain('must be one of a TFRecord file');
    expect(await refusalOf(fromTfevents(folder))).toEqual({
      code: 'SOURCE_UNREADABLE',
      message: `'${folder}' must be a file, or a folder with files of events in it or its sub-folders, got none`,
    });
    expect((await refusalOf(fromTfevents(join(folder, 'absent')))).code).toBe('SOURCE_UNREADABLE');
    expect(refusal(() => fromTfevents('')).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromTfevents(3 as never)).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromTfevents(folder, { follow: 1 as never })).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromTfevents(folder, { folow: true } as never)).code).toBe('OPTION_UNKNOWN');
  });
});

describe('fromTfevents that follows', () => {
  it('has each scalar once, whatever pieces the files come in', async () => {
    const root = emptyFolder();
    const whole = readFileSync(PYTORCH);
    const path = put(join(root, 'run', NAME), whole.subarray(0, 0));
    const { got, until } = following(root);
    const cuts = fc.sample(fc.nat(whole.length), { numRuns: 40, seed: 7 }).sort((a, b) => a - b);
    for (const [i, from] of [0, ...cuts].entries()) {
      appendFileSync(path, whole.subarray(from, cuts[i] ?? whole.length));
      await new Promise((resolve) => setTimeout(resolve, i % 3 === 0 ? 12 : 1));
    }
    await until(1798);
    expect(got).toEqual(expected(path, 'run').map(short));
  });

  it('has each scalar of a small file once, a byte at a time', async () => {
    const bytes = eventFile([
      ['loss', 1, 1],
      ['loss', 2, 2],
    ]);
    const path = put(join(emptyFolder(), NAME), new Uint8Array(0));
    const { got, until } = following(path);
    for (const byte of bytes) {
      appendFileSync(path, Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(2);
    expect(got).toEqual([' loss 1 1', ' loss 2 2']);
  });

  it('waits for a place that is not there, takes up new runs and files, and older files that grow', async () => {
    const root = join(emptyFolder(), 'logs', 'here');
    const { got, until } = following(root);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const first = put(join(root, 'a', NAME), eventFile([['loss', 1, 1]]));
    await until(1);
    put(join(root, 'b', 'c', NAME), eventFile([['loss', 1, 2]]));
    await until(2);
    const second = put(join(root, 'a', 'events.out.tfevents.1700000009.host.1.0'), eventFile([['loss', 2, 3]]));
    await until(3);
    appendFileSync(first, record(scalarEvent('loss', 3, 4)));
    await until(4);
    appendFileSync(second, record(scalarEvent('loss', 4, 5)));
    await until(5);
    expect(got).toEqual(['a loss 1 1', 'b/c loss 1 2', 'a loss 2 3', 'a loss 3 4', 'a loss 4 5']);
  });

  it('delivers what is there in order: runs, and files of a run, one after the other', async () => {
    const root = emptyFolder();
    const many = Array.from({ length: 3000 }, (_, step) => ['loss', step, 1] as const);
    for (const run of ['a', 'b']) for (const time of [1, 2]) put(join(root, run, `tfevents.${time}`), eventFile(many));
    const { got, until } = following(root);
    await until(12_000);
    const line = (run: string) => many.map(([, step]) => `${run} loss ${step} 1`);
    expect(got).toEqual([...line('a'), ...line('a'), ...line('b'), ...line('b')]);
  });

  it('says within 200 ms what is appended', async () => {
    const path = put(join(emptyFolder(), 'run', NAME), eventFile([['loss', 0, 0]]));
    const { until } = following(join(path, '..', '..'));
    await until(1);
    const waits: number[] = [];
    for (let step = 1; step <= 5; step++) {
      const since = performance.now();
      appendFileSync(path, record(scalarEvent('loss', step, 0)));
      await until(step + 1);
      waits.push(performance.now() - since);
    }
    expect(Math.min(...waits)).toBeLessThan(200); // another process may hold one of them up
  });

  it('begins anew where a file is cut or replaced, and counts on from there', async () => {
    const path = put(
      join(emptyFolder(), NAME),
      eventFile([
        ['loss', 1, 1],
        ['loss', 2, 2],
      ]),
    );
    const { got, until } = following(path);
    await until(2);
    writeFileSync(path, eventFile([['loss', 5, 5]]));
    await until(3);
    const other = put(`${path}.new`, eventFile([['loss', 6, 6]]));
    renameSync(other, path);
    await until(4);
    rmSync(path);
    await new Promise((resolve) => setTimeout(resolve, 250));
    put(path, eventFile([['loss', 7, 7]]));
    await until(5);
    expect(got).toEqual([' loss 1 1', ' loss 2 2', ' loss 5 5', ' loss 6 6', ' loss 7 7']);
  });

  it('goes on with the other files where one is damaged and skipped, and ends where it is not', async () => {
    const root = emptyFolder();
    const bad = put(join(root, 'a', NAME), Buffer.from('nothing that anybody could read'));
    const good = put(join(root, 'b', NAME), eventFile([['loss', 1, 1]]));
    const skipping = following(root, { onBadRow: 'skip' });
    await skipping.until(1);
    appendFileSync(good, record(scalarEvent('loss', 2, 2)));
    appendFileSync(bad, 'more');
    await skipping.until(2);
    expect([skipping.got, skipping.source.skipped]).toEqual([['b loss 1 1', 'b loss 2 2'], 1]);
    const throwing = following(root);
    await vi.waitUntil(() => throwing.error() !== undefined, { timeout: 10_000 });
    expect(throwing.error()).toMatchObject({ code: 'FILE_FORMAT' });
  });

  it('looks seldom where a look takes long', async () => {
    const root = emptyFolder();
    put(join(root, 'a', NAME), eventFile([['loss', 1, 1]]));
    const { readdirSync: real } = fs;
    let looks = 0;
    vi.spyOn(fs, 'readdirSync').mockImplementation(((path: string) => {
      if (path === root) looks += 1;
      for (const since = performance.now(); performance.now() - since < 25;);
      return real(path);
    }) as typeof fs.readdirSync);
    syncBuiltinESMExports();
    const { until, subscription } = following(root);
    await until(1);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    subscription.unsubscribe();
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect(looks).toBeGreaterThan(1);
    expect(looks).toBeLessThan(10); // every 100 ms it would be 20
  });

  it('leaves no timer, watch or open file behind', async () => {
    const path = put(join(emptyFolder(), 'a', NAME), eventFile([['loss', 1, 1]]));
    const before = filesOpen();
    const { subscription, until } = following(join(path, '..', '..'));
    await until(1);
    subscription.unsubscribe();
    expect(await leftOver(before)).toEqual([0, 0]);
    expect(await lastValueFrom(fromTfevents(PYTORCH, { follow: true }).pipe(take(3), toArray()))).toHaveLength(3);
    expect(await leftOver(before)).toEqual([0, 0]);
  });
});

describe('fromTfevents in a bundle', () => {
  it('needs nothing that a bundler for the browser could not find', async () => {
    const { imports } = await bundle("export { fromTfevents } from 'rx-ema/sources';", ROOT);
    expect(imports).toEqual([]);
  });
});
