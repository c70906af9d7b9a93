import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ModelEma, modelEma } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { fromSafetensors, type CheckpointWeights } from 'rx-ema/sources';
import { first, firstValueFrom, lastValueFrom, map, Subject, take, takeUntil, toArray, type Observable } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { refusal, refusalFrom, refusalOf } from '../refusal.js';
import { bundle } from '../support/bundle.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { ROOT } from '../support/workspace.js';

const PATIENCE = 10_000;

/** A checkpoint whose one weight says its step. */
function save(folder: string, step: number, name = `step-${step}.safetensors`): string {
  const path = join(folder, name);
  toSafetensors(path, { w: Float32Array.of(step), tail: new Float32Array(5000) });
  return path;
}

const steps = (source: Observable<CheckpointWeights>): Observable<number> => source.pipe(map(({ w }) => Number(w![0])));
const list = (source: Observable<CheckpointWeights>): Promise<number[]> => lastValueFrom(steps(source).pipe(toArray()));

/** Timers and watches that there are in this process. */
const busy = () => process.getActiveResourcesInfo().filter((name) => /Timeout|FSEvent/.test(name)).length;

/** Follows, and shows what has come. */
function following(where: string | string[]) {
  const got: number[] = [];
  let error: unknown;
  const subscription = steps(fromSafetensors(where, { follow: true })).subscribe({
    next: (step) => got.push(step),
    error: (one: unknown) => (error = one),
  });
  const until = (count: number) =>
    vi.waitUntil(() => got.length >= count || error !== undefined, { timeout: PATIENCE });
  return { got, subscription, until, error: () => error };
}

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('fromSafetensors', () => {
  it('emits the checkpoints of a folder in the order of their numbers, and completes', async () => {
    const folder = emptyFolder();
    for (const step of [100, 9, 10, 1000, 1]) save(folder, step);
    writeFileSync(join(folder, 'notes.txt'), 'no checkpoint');
    writeFileSync(join(folder, 'rx-ema-123-abc.tmp'), 'half');
    writeFileSync(join(folder, '.step-6.safetensors'), 'hidden');
    expect(await list(fromSafetensors(folder))).toEqual([1, 9, 10, 100, 1000]);
  });

  it('leaves out folders, whatever they are called, and follows links to files', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'step-1.safetensors'));
    symlinkSync('step-1.safetensors', join(folder, 'step-2.safetensors'));
    save(folder, 3);
    symlinkSync('step-3.safetensors', join(folder, 'step-4.safetensors'));
    expect(await list(fromSafetensors(folder))).toEqual([3, 3]);
  });

  it('takes numbers in names for integers', async () => {
    const folder = emptyFolder();
    save(folder, 1, 'loss=0.25.safetensors');
    save(folder, 2, 'loss=0.5.safetensors');
    expect(await list(fromSafetensors(folder))).toEqual([2, 1]);
  });

  it('takes a list as it is at the call', async () => {
    const folder = emptyFolder();
    const paths = [save(folder, 1)];
    const checkpoint$ = fromSafetensors(paths);
    paths[0] = join(folder, 'absent');
    paths.push(save(folder, 2));
    expect(await list(checkpoint$)).toEqual([1]);
  });

  it('takes a glob, and paths in any order, and one path', async () => {
    const folder = emptyFolder();
    for (const run of ['b', 'a']) {
      mkdirSync(join(folder, run));
      for (const step of [10, 9]) save(join(folder, run), run === 'a' ? step : step + 100);
    }
    writeFileSync(join(folder, 'a/step-1.txt'), '');
    expect(await list(fromSafetensors(`${folder}/*/step-*.safetensors`))).toEqual([9, 10, 109, 110]);
    const paths = [10, 9].map((step) => join(folder, `a/step-${step}.safetensors`));
    expect(await list(fromSafetensors(paths))).toEqual([9, 10]);
    expect(await list(fromSafetensors(paths[0]!))).toEqual([10]);
    expect(paths[0]).toContain('step-10'); // the list is not sorted in place
  });

  it('takes a folder and a file whose names look like globs as what they are', async () => {
    const folder = join(emptyFolder(), 'run [1]');
    mkdirSync(folder);
    const path = save(folder, 7, 'step (7).safetensors');
    expect(await list(fromSafetensors(folder))).toEqual([7]);
    expect(await list(fromSafetensors(path))).toEqual([7]);
  });

  it('is cold: each subscription looks again', async () => {
    const folder = emptyFolder();
    const checkpoint$ = fromSafetensors(folder);
    save(folder, 1);
    expect(await list(checkpoint$)).toEqual([1]);
    save(folder, 2);
    expect(await list(checkpoint$)).toEqual([1, 2]);
  });

  it('opens a file when its turn comes: none behind take(n), nor behind one unsubscribed from inside next', async () => {
    const folder = emptyFolder();
    for (const step of [1, 2, 3]) save(folder, step);
    writeFileSync(join(folder, 'step-4.safetensors'), 'damaged');
    const opened: string[] = [];
    const open = fs.openSync;
    vi.spyOn(fs, 'openSync').mockImplementation((path, ...rest) => (opened.push(String(path)), open(path, ...rest)));
    syncBuiltinESMExports();
    expect(await list(fromSafetensors(folder).pipe(take(2)))).toEqual([1, 2]);
    await wait(20);
    expect(new Set(opened.map((path) => path.slice(folder.length + 1)))).toEqual(
      new Set(['step-1.safetensors', 'step-2.safetensors']),
    );
    expect(await firstValueFrom(steps(fromSafetensors(folder)).pipe(first((step) => step === 3)))).toBe(3);
  });

  it('reads no tensor that nobody asks for, and an average’s two times', async () => {
    const folder = emptyFolder();
    for (const step of [1, 2, 3]) save(folder, step);
    const bytes: number[] = [];
    const read = fs.readSync as (...args: unknown[]) => number;
    vi.spyOn(fs, 'readSync').mockImplementation((...args: unknown[]) => {
      bytes.push((args[3] as number) ?? 0);
      return read(...args);
    });
    await lastValueFrom(fromSafetensors(folder));
    expect(Math.max(...bytes)).toBeLessThan(1000); // headers alone
    bytes.length = 0;
    await lastValueFrom(fromSafetensors(folder).pipe(modelEma({ decay: 0.5 })));
    expect(bytes.filter((count) => count === 4 * 5000)).toHaveLength(2 * 3);
  });

  it('gives the event loop its turn between two', async () => {
    const folder = emptyFolder();
    for (let step = 1; step <= 20; step++) save(folder, step);
    const stop$ = new Subject<void>();
    setImmediate(() => setImmediate(() => stop$.next()));
    expect((await list(fromSafetensors(folder).pipe(takeUntil(stop$)))).length).toBeLessThan(20);
  });

  it('says what is missing or damaged, and names the file', async () => {
    const folder = emptyFolder();
    for (const where of [folder, join(folder, 'absent'), `${folder}/*.safetensors`]) {
      const { code, message } = await refusalOf(fromSafetensors(where));
      expect([code, message]).toEqual(['SOURCE_UNREADABLE', expect.stringContaining(where)]);
    }
    const path = save(folder, 1);
    expect((await refusalOf(fromSafetensors([path, `${path}.absent`]))).code).toBe('SOURCE_UNREADABLE');
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    const { code, message } = await refusalOf(fromSafetensors(folder));
    expect([code, message]).toEqual(['FILE_FORMAT', expect.stringContaining(path)]);
    expect(message).toContain('cut short');
  });

  it('emits what comes before a damaged file', async () => {
    const folder = emptyFolder();
    save(folder, 1);
    writeFileSync(join(folder, 'step-2.safetensors'), 'damaged!!');
    const got: number[] = [];
    const source = steps(fromSafetensors(folder)).pipe(map((step) => got.push(step)));
    expect((await refusalOf(source)).code).toBe('FILE_FORMAT');
    expect(got).toEqual([1]);
  });

  it('gives the model’s weights of a file that holds a shadow beside them', async () => {
    const folder = emptyFolder();
    const ema = new ModelEma<Float32Array>({ decay: 0.9, compensated: true });
    for (const x of [1, 2, 3]) {
      const model = { w: Float32Array.of(x) };
      ema.update(model);
      toSafetensors(join(folder, `step-${x}.safetensors`), ema, { model });
    }
    const maps = await lastValueFrom(fromSafetensors(folder).pipe(toArray()));
    expect(maps).toEqual([1, 2, 3].map((x) => ({ w: Float32Array.of(x) })));
  });

  it('refuses a file that holds a shadow alone: it would be averaged once more', async () => {
    const folder = emptyFolder();
    const ema = new ModelEma<Float32Array>({ decay: 0.9 });
    for (const x of [1, 2, 3]) ema.update({ w: Float32Array.of(x) });
    toSafetensors(join(folder, 'step-3.safetensors'), ema);
    const { code, message } = await refusalOf(fromSafetensors(folder));
    expect(code).toBe('VALUE_KIND');
    expect(message).toContain("must hold a model's weights, got the shadow of 2 updates");
  });

  it('refuses other arguments at the call', () => {
    for (const where of ['', [], [''], 3, null]) {
      expect(refusal(() => fromSafetensors(where as never)).code).toBe('OPTION_VALUE');
    }
    expect(refusal(() => fromSafetensors('run', { follow: 'yes' as never })).code).toBe('OPTION_VALUE');
    const { code, message } = refusal(() => fromSafetensors('run', null as never));
    expect([code, message]).toEqual(['OPTION_VALUE', 'options must be an object, got null']);
    expect(refusal(() => fromSafetensors('run', { folow: true } as never)).code).toBe('OPTION_UNKNOWN');
  });
});

describe('fromSafetensors, following', () => {
  it('emits what is there, then each that comes, and one that comes late when it comes', async () => {
    const folder = emptyFolder();
    for (const step of [10, 9]) save(folder, step);
    const { got, until, subscription } = following(folder);
    await until(2);
    save(folder, 30);
    await until(3);
    save(folder, 20);
    await until(4);
    subscription.unsubscribe();
    expect(got).toEqual([9, 10, 30, 20]);
  });

  it('waits for a folder that is not there yet', async () => {
    const folder = join(emptyFolder(), 'later');
    const { got, until, subscription } = following(folder);
    await wait(150);
    mkdirSync(folder);
    save(folder, 1);
    await until(1);
    subscription.unsubscribe();
    expect(got).toEqual([1]);
  });

  it('waits for globs and paths that match nothing yet', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'step-1.safetensors');
    const all = [following(`${folder}/step-*.safetensors`), following([path]), following(path)];
    await wait(150);
    save(folder, 1);
    for (const { got, until, subscription } of all) {
      await until(1);
      subscription.unsubscribe();
      expect(got).toEqual([1]);
    }
  });

  it('never emits half a file: one that is written bit by bit is waited for, and holds none back', async () => {
    const folder = emptyFolder();
    const bytes = readFileSync(save(emptyFolder(), 1));
    const header = 8 + Number(bytes.readBigUInt64LE());
    const { got, until, subscription, error } = following(folder);
    const path = join(folder, 'step-1.safetensors');
    writeFileSync(path, '');
    let at = 0;
    for (const end of [3, 8, 20, header, header + 2, bytes.length - 1]) {
      appendFileSync(path, bytes.subarray(at, end));
      at = end;
      await wait(30);
      expect(got).toEqual([]);
    }
    save(folder, 2);
    await until(1);
    expect(got).toEqual([2]);
    appendFileSync(path, bytes.subarray(at));
    await until(2);
    subscription.unsubscribe();
    expect([got, error()]).toEqual([[2, 1], undefined]);
  });

  it('waits for a file whose room was made before its bytes came', async () => {
    const folder = emptyFolder();
    const whole = readFileSync(save(emptyFolder(), 1));
    const { got, until, subscription } = following(folder);
    const path = join(folder, 'step-1.safetensors');
    writeFileSync(path, Buffer.alloc(whole.length));
    await wait(150);
    expect(got).toEqual([]);
    writeFileSync(path, whole);
    await until(1);
    subscription.unsubscribe();
    expect(got).toEqual([1]);
  });

  it('reads a file whose times are set behind its last byte, as whoever copies one does', async () => {
    const folder = emptyFolder();
    const whole = save(emptyFolder(), 1);
    const got: CheckpointWeights[] = [];
    const subscription = fromSafetensors(folder, { follow: true }).subscribe((weights) => got.push(weights));
    const path = join(folder, 'step-1.safetensors');
    await wait(50); // until the folder is watched
    copyFileSync(whole, path);
    await wait(30);
    utimesSync(path, 1, 1);
    await vi.waitUntil(() => got.length > 0, { timeout: PATIENCE });
    subscription.unsubscribe();
    expect(got[0]!['w']).toEqual(Float32Array.of(1));
  });

  it('ignores a file that goes before it is whole, and a temporary name until it is renamed', async () => {
    const folder = emptyFolder();
    const { got, until, subscription, error } = following(folder);
    writeFileSync(join(folder, 'step-1.safetensors'), 'abc');
    const elsewhere = save(emptyFolder(), 2);
    copyFileSync(elsewhere, join(folder, 'step-2.safetensors.tmp'));
    await wait(150);
    rmSync(join(folder, 'step-1.safetensors'));
    await wait(150);
    expect([got, error()]).toEqual([[], undefined]);
    renameSync(join(folder, 'step-2.safetensors.tmp'), join(folder, 'step-2.safetensors'));
    await until(1);
    subscription.unsubscribe();
    expect(got).toEqual([2]);
  });

  it('goes on when the folder goes and another comes in its place', async () => {
    const folder = join(emptyFolder(), 'run');
    mkdirSync(folder);
    save(folder, 1);
    const { got, until, subscription, error } = following(folder);
    await until(1);
    rmSync(folder, { recursive: true });
    await wait(150);
    mkdirSync(folder);
    save(folder, 2);
    await until(2);
    subscription.unsubscribe();
    expect([got, error()]).toEqual([[1, 2], undefined]);
  });

  it('ends in an error at a file that is damaged and not merely short', async () => {
    const folder = emptyFolder();
    const { until, error } = following(folder);
    writeFileSync(
      join(folder, 'step-1.safetensors'),
      Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('[]')]),
    );
    await until(1);
    const { code, message } = await refusalFrom(Promise.reject(error()));
    expect([code, message]).toEqual(['FILE_FORMAT', expect.stringContaining('step-1.safetensors')]);
  });

  it.each([true, false])('finds files where the system tells of changes, and where it does not: %s', async (tells) => {
    if (!tells) {
      vi.spyOn(fs, 'watch').mockImplementation(() => {
        throw new Error('ENOSPC: too many are watched');
      });
    }
    const folder = emptyFolder();
    const { until, subscription, got } = following(folder);
    await wait(50);
    save(folder, 1);
    await until(1);
    subscription.unsubscribe();
    expect(got).toEqual([1]);
  });

  it('leaves no timer and no watch behind, from inside next or from outside', async () => {
    const folder = emptyFolder();
    save(folder, 1);
    const closed: boolean[] = [];
    const watch = fs.watch as (...args: unknown[]) => fs.FSWatcher;
    vi.spyOn(fs, 'watch').mockImplementation((...args: unknown[]) => {
      const watcher = watch(...args);
      watcher.on('close', () => closed.push(true));
      return watcher;
    });
    const before = busy();
    const { until, subscription } = following(folder);
    await until(1);
    await wait(50);
    expect(busy()).toBeGreaterThan(before);
    subscription.unsubscribe();
    await vi.waitUntil(() => closed.length === 1, { timeout: PATIENCE });
    await list(fromSafetensors(folder, { follow: true }).pipe(take(1)));
    await wait(20);
    expect(busy()).toBeLessThanOrEqual(before + 1); // the wait of this test is a timer, too
    expect(closed.length).toBe(vi.mocked(fs.watch).mock.calls.length); // none is begun behind the end
  });
});

describe('a bundle for the browser', () => {
  it('of fromFit has nothing of Node or of files, and that of all sources and sinks imports nothing', async () => {
    const fit = await bundle("export { fromFit } from './src/sources/index.js';", ROOT, ['rxjs']);
    expect([...new Set(fit.imports)]).toEqual(['rxjs']);
    expect(fit.code).not.toMatch(/safetensors|getBuiltinModule/);
    const all = "export * from './src/sources/index.js'; export * from './src/sinks/index.js';";
    expect([...new Set((await bundle(all, ROOT, ['rxjs'])).imports)]).toEqual(['rxjs']);
  });
});
