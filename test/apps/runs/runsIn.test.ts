import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { readArrow } from 'rx-ema/arrow';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { MetricPoint } from '../../../src/apps/dashboard/point.js';
import { runsIn, type RunEvent } from '../../../src/apps/runs/runsIn.js';
import { writeParquet } from '../../../src/apps/tables/writeParquet.js';
import { emptyFolder } from '../../support/emptyFolder.js';
import { silenceWatches } from '../../support/silenceWatches.js';
import { ROOT } from '../../support/workspace.js';

const DATA = join(ROOT, 'examples/data');
const EVENTS = join(DATA, 'run/events.out.tfevents.1795374164.vm.11746.0');

const problemsIn = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => ('problem' in event ? [event.problem] : []));
const pointsIn = (events: readonly RunEvent[]): MetricPoint[] =>
  events.flatMap((event) => ('points' in event ? event.points : []));

/** Points by run, and what could not be read. */
async function read(...paths: string[]) {
  const events = await lastValueFrom(runsIn(paths, { follow: false }).pipe(toArray()));
  const runs: Record<string, MetricPoint[]> = {};
  for (const point of pointsIn(events)) (runs[point.run] ??= []).push(point);
  return { runs, names: Object.keys(runs).sort(), problems: problemsIn(events) };
}

/** Follows, and shows what has come as `run step`. */
function follow(...paths: string[]) {
  const events: RunEvent[] = [];
  const subscription = runsIn(paths, { follow: true }).subscribe((event) => events.push(event));
  const seen = () => pointsIn(events).map(({ run, step }) => `${run} ${step}`);
  const until = (...expected: string[]) =>
    vi.waitFor(() => expect(seen()).toEqual(expected), { timeout: 20_000, interval: 5 });
  return { until, seen, problems: () => problemsIn(events), stop: () => subscription.unsubscribe() };
}

const row = (step: number): string => `{"step":${step},"loss":1}\n`;

/** Folders that this process watches. */
const watches = (): number => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;

/** The steps at which a metric was NaN. */
const isNaNAt = (points: readonly MetricPoint[], name: string): number[] =>
  points.filter(({ values }) => Number.isNaN(values[name])).map(({ step }) => step);

/** Writes files in a folder, making those that they are in. */
function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

describe('runsIn, of a real run of PyTorch', () => {
  it('reads the same numbers from the files of events, CSV, JSON Lines and Arrow', async () => {
    const { runs, names, problems } = await read(
      EVENTS,
      join(DATA, 'run.csv'),
      join(DATA, 'run/run.jsonl'),
      join(DATA, 'run.arrow'),
    );
    expect(problems).toEqual([]);
    expect(names).toEqual(['data/run', 'data/run.arrow', 'data/run.csv', 'run/run']);
    const [events, csv, jsonl, arrow] = ['data/run', 'data/run.csv', 'run/run', 'data/run.arrow'].map(
      (name) => runs[name]!,
    );
    for (const points of [events, csv, jsonl, arrow]) {
      expect(points!.map(({ step }) => step)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    }
    expect(csv).toEqual(jsonl!.map((point) => ({ ...point, run: 'data/run.csv' })));
    for (const [i, { values, atMs }] of csv!.entries()) {
      const { 'train/loss': loss, 'train/lr': lr } = events![i]!.values;
      expect(loss).toEqual(Math.fround(values['loss']!));
      expect(arrow![i]!.values['loss']).toEqual(Math.fround(values['loss']!));
      expect(lr).toBeCloseTo(values['lr']!, 8);
      expect(Math.abs(events![i]!.atMs - atMs)).toBeLessThan(100);
    }
    expect(isNaNAt(csv!, 'loss')).toEqual([200, 201]);
    expect(isNaNAt(events!, 'train/loss')).toEqual([200, 201]);
    expect(Object.keys(csv![199]!.values)).toEqual(['loss', 'lr']); // without an accuracy
  });
});

describe('runsIn', () => {
  it('reads Parquet', async () => {
    const folder = emptyFolder();
    await lastValueFrom(readArrow(join(DATA, 'run.arrow')).pipe(writeParquet(join(folder, 'run.parquet'))), {
      defaultValue: null,
    });
    const { runs, problems } = await read(folder, join(DATA, 'run.arrow'));
    expect(problems).toEqual([]);
    const name = `${folder.split('/').at(-1)}/run`;
    expect(runs[name]).toEqual(runs['run']!.map((point) => ({ ...point, run: name })));
    expect(runs[name]!.length).toBe(600);
  });

  it('finds the runs of a folder as TensorBoard does, and its tables', async () => {
    const folder = write(join(emptyFolder(), 'logs'), {
      'a/metrics.csv': 'step,loss\n1,2\n',
      'a/version_1/metrics.csv.gz': gzipSync('step,loss\n1,2\n'),
      'b/progress.jsonl': '{"step":1,"loss":2}\n',
      'table.ndjson': '{"step":1,"loss":2}\n',
      'deep/er/sweep.tsv': 'step\tloss\n1\t2\n',
      'notes.txt': 'step,loss\n1,2\n',
      '.hidden/metrics.csv': 'step,loss\n1,2\n',
      'c/train/.keep': '',
    });
    copyFileSync(EVENTS, join(folder, 'events.out.tfevents.1'));
    copyFileSync(EVENTS, join(folder, 'c/train/events.out.tfevents.1'));
    symlinkSync('..', join(folder, 'a/loop'));
    symlinkSync('../b', join(folder, 'a/linked'));
    mkdirSync(join(folder, 'a/node_modules'));
    symlinkSync('../../b', join(folder, 'a/node_modules/b'));
    const { names, problems } = await read(folder);
    expect(names).toEqual(['a', 'a/linked', 'a/version_1', 'b', 'c/train', 'deep/er/sweep', 'logs', 'table']);
    expect(problems).toEqual([]);
  });

  it('reads the numbers in objects of JSON Lines', async () => {
    const path = join(
      write(emptyFolder(), {
        'x.jsonl': '{"step":3,"metrics":{"acc":1,"top":{"5":"NaN"}},"tags":[1],"__proto__":{"a":2}}\n',
      }),
      'x.jsonl',
    );
    const { runs, problems } = await read(path);
    expect(problems).toEqual([]);
    expect(runs['x']!.map(({ step, values }) => [step, values])).toEqual([
      [3, { 'metrics/acc': 1, 'metrics/top/5': NaN, '__proto__/a': 2 }],
    ]);
  });

  it('tells paths apart that have equal names', async () => {
    const folder = write(emptyFolder(), {
      'a/logs/x/metrics.csv': 'loss\n1\n',
      'b/logs/x/metrics.csv': 'loss\n1\n',
      'b/logs/log.csv': 'loss\n1\n',
      'b/run.csv': 'loss\n1\n',
    });
    expect((await read(join(folder, 'a/logs'), join(folder, 'b/logs'), join(folder, 'b/run.csv'))).names).toEqual([
      'a/logs/x',
      'b/logs',
      'b/logs/x',
      'run',
    ]);
  });

  it('calls a table by its whole name where files of events, or another table, have the shorter one', async () => {
    const csv = 'loss\n1\n';
    const folder = write(emptyFolder(), {
      'run/metrics.csv': csv,
      'x.csv': csv,
      'x.jsonl': '{"loss":1}',
      'y.csv': csv,
    });
    copyFileSync(EVENTS, join(folder, 'run/events.out.tfevents.1'));
    expect((await read(folder)).names).toEqual(['run', 'run/metrics.csv', 'x', 'x.jsonl', 'y']);
  });

  it('reads the files of events of a run in natural order of their names', async () => {
    const folder = emptyFolder();
    for (const n of [10, 9, 1]) cpSync(EVENTS, join(folder, `events.out.tfevents.${n}`));
    const events = await lastValueFrom(runsIn([folder], { follow: false }).pipe(toArray()));
    expect(pointsIn(events).filter(({ step }) => step === 1).length).toBe(3);
    expect(pointsIn(events)[600]!.step).toBe(1); // goes back; whoever keeps the points cuts
  });

  it('counts the rows that say no step, and takes the newest step for those between others', async () => {
    const folder = write(emptyFolder(), {
      'none.csv': 'loss,note\n4,a\n,b\n2,c\n',
      'some.jsonl': '{"lr":1}\n{"step":10,"loss":1}\n{"eval":3}\n{"step":20,"loss":NaN}\n',
    });
    const { runs } = await read(folder);
    expect(runs['none']!.map(({ step, values }) => [step, values])).toEqual([
      [1, { loss: 4 }],
      [3, { loss: 2 }],
    ]);
    expect(runs['some']!.map(({ step, values }) => [step, values])).toEqual([
      [1, { lr: 1 }],
      [10, { loss: 1 }],
      [10, { eval: 3 }],
      [20, { loss: NaN }],
    ]);
    expect(runs['none']![0]!.atMs).toBeNaN();
  });

  it('tells the first problem of each file, and reads the rest', async () => {
    const folder = write(emptyFolder(), {
      'a.csv': 'step,loss\n1,2\n2\n3\n4,x\n5,6\n',
      'b.jsonl': '{"step":1,"loss":2}\nbroken\n[]\n{"step":3,"loss":4}\n',
      'c.csv.gz': gzipSync('step,loss\n1,2\n').subarray(0, 20),
      'd.arrow': 'no arrow',
      'e.txt': '',
      'events.out.tfevents.1': readFileSync(EVENTS).fill(0, 5000, 5001),
      'empty/.keep': '',
    });
    const absent = join(folder, 'absent.csv');
    const { runs, problems } = await read(folder, absent, join(folder, 'e.txt'), join(folder, 'empty'));
    const name = folder.split('/').at(-1)!;
    expect(runs[`${name}/a`]!.map(({ step }) => step)).toEqual([1, 5]);
    expect(runs[`${name}/b`]!.map(({ step }) => step)).toEqual([1, 3]);
    expect(problems.length).toBe(8);
    for (const says of [
      'absent.csv',
      'e.txt',
      'empty',
      'a.csv',
      "b.jsonl' line 2, character 1",
      'c.csv.gz',
      'd.arrow',
      'tfevents.1',
    ]) {
      expect(problems.filter((problem) => problem.includes(says)).length, says).toBeGreaterThan(0);
    }
    for (const problem of problems) expect(problem).toMatch(/ must .+, got |absent\.csv' does not exist$/);
    for (const part of ['row', 'line'])
      expect(problems.filter((one) => one.endsWith(`: the ${part} is left out`)).length).toBe(1);
  });
});

describe('runsIn that follows', () => {
  it.each(['watches that tell', 'watches that are silent'])(
    'finds new rows, files and folders, with %s',
    async (kind) => {
      if (kind === 'watches that are silent') silenceWatches();
      const folder = join(emptyFolder(), 'logs');
      const runs = follow(folder, join(folder, '../late.jsonl'));
      await wait(50);
      write(folder, { 'a/metrics.jsonl': row(1) });
      await runs.until('logs/a 1');
      appendFileSync(join(folder, 'a/metrics.jsonl'), row(2) + '{"step":3');
      await runs.until('logs/a 1', 'logs/a 2');
      appendFileSync(join(folder, 'a/metrics.jsonl'), ',"loss":1}\n');
      await runs.until('logs/a 1', 'logs/a 2', 'logs/a 3');
      write(folder, { 'b/c/log.csv': 'step,loss\n7,1\n', '../late.jsonl': row(9) });
      await vi.waitFor(() => expect(runs.seen().slice(3).sort()).toEqual(['late 9', 'logs/b/c 7']), 20_000);
      renameSync(join(folder, 'a/metrics.jsonl'), join(folder, 'a/metrics.jsonl.1'));
      write(folder, { 'a/metrics.jsonl': row(4) });
      await vi.waitFor(() => expect(runs.seen().slice(5)).toEqual(['logs/a 4']), 20_000);
      expect(runs.problems()).toEqual([]);
      runs.stop();
    },
  );

  it('goes on with files of events that grow, and with another one of the same run', async () => {
    const folder = emptyFolder();
    const bytes = readFileSync(EVENTS);
    const path = join(folder, 'run/events.out.tfevents.1');
    write(folder, { 'run/events.out.tfevents.1': bytes.subarray(0, 30_000) });
    const runs = follow(folder);
    await vi.waitFor(() => expect(runs.seen().length).toBeGreaterThan(100), 20_000);
    for (let at = 30_000; at < bytes.length; at += 7001) {
      appendFileSync(path, bytes.subarray(at, at + 7001));
      await wait(5);
    }
    await vi.waitFor(() => expect(runs.seen().at(-1)).toBe('run 600'), 20_000);
    write(folder, { 'run/events.out.tfevents.2': bytes });
    await vi.waitFor(() => expect(runs.seen().filter((one) => one === 'run 600').length).toBe(2), 20_000);
    expect(runs.problems()).toEqual([]);
    runs.stop();
  });

  it('reads a table of batches anew when it has changed, and waits for one that is being written', async () => {
    const folder = emptyFolder();
    const bytes = readFileSync(join(DATA, 'run.arrow'));
    const runs = follow(folder);
    write(folder, { 'run.arrow': bytes.subarray(0, 9000) });
    await wait(300);
    write(folder, { 'run.arrow': bytes });
    await vi.waitFor(() => expect(runs.seen().at(-1)).toBe('run 600'), 20_000);
    expect(runs.problems()).toEqual([]);
    write(folder, { 'run.arrow': bytes.subarray(0, 9000) });
    await vi.waitFor(() => expect(runs.problems().length).toBe(1), 20_000);
    runs.stop();
  });

  it('leaves no file open, no watch and no timer behind', async () => {
    const folder = write(emptyFolder(), { 'a/metrics.jsonl': row(1), 'b/metrics.jsonl': row(1) });
    await vi.waitFor(() => expect(watches()).toBe(0), 10_000); // of the tests before
    const runs = follow(folder);
    await runs.until('a 1', 'b 1');
    expect(openIn(folder).length).toBe(2);
    expect(watches()).toBeGreaterThan(0);
    runs.stop();
    await vi.waitFor(() => expect([openIn(folder).length, watches()]).toEqual([0, 0]), 10_000);
  });

  it.each(['watches that tell', 'watches that are silent'])(
    'lets go of a file that was deleted, with %s',
    async (kind) => {
      if (kind === 'watches that are silent') silenceWatches();
      const folder = write(emptyFolder(), { 'a/metrics.jsonl': row(1), 'b/metrics.jsonl': row(1) });
      const runs = follow(folder);
      await runs.until('a 1', 'b 1');
      rmSync(join(folder, 'a'), { recursive: true });
      await vi.waitFor(() => expect(openIn(folder)).toHaveLength(1), 10_000);
      write(folder, { 'a/metrics.jsonl': row(2) });
      await runs.until('a 1', 'b 1', 'a 2');
      expect(runs.problems()).toEqual([]);
      runs.stop();
    },
  );

  it('looks seldom where a thousand files are followed, and tells of one that grows at once', async () => {
    const folder = emptyFolder();
    write(folder, Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i % 100}/${i}.jsonl`, row(1)])));
    const runs = follow(folder);
    await vi.waitFor(() => expect(runs.seen().length).toBe(1000), 20_000);
    await wait(1000);
    const before = process.cpuUsage();
    await wait(3000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 3e6).toBeLessThan(0.5); // of one processor
    appendFileSync(join(folder, '7/107.jsonl'), row(2));
    await vi.waitFor(() => expect(runs.seen().at(-1)).toBe('7/107 2'), { timeout: 20_000, interval: 1 });
    runs.stop();
  });
});

/** Files of a folder that this process has open. */
function openIn(folder: string): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false; // the one that lists them
    }
  });
}
