import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { PageReader, type Row } from '../../support/dashboardReader.js';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import { ended } from '../../support/program.js';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},${(from + i) / 2}\n`).join('');
const losses = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => [from + i, (from + i) / 2]);
const shown = (curve: readonly Row[] | undefined) => curve?.map(([step, , value]) => [step, value]);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

describeWith(registry, 'rx-ema watch', (): void => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  /** Starts it in a folder, and waits for the address. */
  async function watching(folder: string, args: readonly string[]) {
    const child: ChildProcess = spawn(rxEma.path, ['watch', ...args], { cwd: folder });
    onTestFinished(() => void child.kill('SIGKILL'));
    const end = ended(child);
    let said = '';
    child.stderr!.on('data', (text: Buffer) => (said += text.toString()));
    const [text] = (await Promise.race([once(child.stdout!, 'data'), end.then(({ stderr }) => [stderr])])) as [Buffer];
    const page = new PageReader(String(text).trim());
    void page.follow();
    onTestFinished(() => page.stop());
    const stopped = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      return end;
    };
    return { url: String(text).trim(), page, stopped, kill: () => child.kill('SIGKILL'), end, said: () => said };
  }

  it('says where the page is, serves it, follows what is appended and what begins, and ends with 0 at Ctrl-C', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'a.csv'), `step,loss\n${rows(0, 3)}`);
    const { url, page, stopped, said } = await watching(folder, ['--port', '0']);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    for (const file of ['', 'page.js', 'page.css', 'worker.js']) expect((await fetch(url + file)).status).toBe(200);
    await until(() => page.reader.sequence === 3);
    appendFileSync(join(folder, 'a.csv'), rows(3, 5));
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'b/metrics.jsonl'), '{"step":1,"acc":0.5}\n{"step":2,"acc":0.75}\n');
    await until(() => page.reader.sequence === 7);
    expect(shown(page.reader.curves['a loss'])).toEqual(losses(0, 5));
    expect(shown(page.reader.curves['b acc'])).toEqual([
      [1, 0.5],
      [2, 0.75],
    ]);
    expect(page.statuses.at(-1)).toMatchObject({ title: basename(folder), ended: false, problems: [] });
    await until(() => said().endsWith('\n'));
    const { stderr, ...end } = await stopped('SIGINT');
    expect(end).toEqual({ code: 0, signal: null, stdout: `${url}\n` });
    expect(stderr).toMatch(/^rx-ema: [12] runs? in [^/ ]+; Ctrl-C ends\n$/);
  });

  it('killed and started again on its port, gives a page that stayed open everything once', async () => {
    const folder = emptyFolder();
    const log = join(folder, 'log.csv');
    writeFileSync(log, `step,loss\n${rows(0, 1000)}`);
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const first = await watching(folder, ['log.csv', '--port', `${port}`]);
    await until(() => first.page.reader.sequence === 1000);
    const { session } = first.page.reader;
    first.kill();
    await first.end;
    appendFileSync(log, rows(1000, 1500));
    const second = await watching(folder, ['log.csv', '--port', `${port}`]);
    appendFileSync(log, rows(1500, 2000));
    for (const { reader } of [first.page, second.page]) {
      await until(() => reader.session !== session && reader.sequence === 2000);
      expect(Object.keys(reader.curves)).toHaveLength(1);
      expect(shown(Object.values(reader.curves)[0])).toEqual(losses(0, 2000));
    }
    expect(await second.stopped('SIGTERM')).toMatchObject({ code: 0, signal: null });
  });

  it('says in a line what it cannot read or find, and on the page, and goes on', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'broken.jsonl'), '{"step":1,"loss":2}\nnonsense\n{"step":2,"loss":3}\n');
    const { page, stopped } = await watching(folder, ['broken.jsonl', 'later.csv', '--title', 'my <b>runs</b>']);
    await until(() => page.reader.sequence === 2 && page.statuses.at(-1)!.problems.length === 1);
    writeFileSync(join(folder, 'later.csv'), `step,loss\n${rows(0, 1)}`);
    await until(() => page.reader.sequence === 3);
    const { title, problems } = page.statuses.at(-1)!;
    expect([title, problems]).toEqual(['my <b>runs</b>', [expect.stringContaining('broken.jsonl')]]);
    const { code, stderr } = await stopped('SIGINT');
    const said = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !/is taken|Ctrl-C/.test(line)); // by another dashboard of this machine
    expect([code, said.sort()]).toEqual([0, ["rx-ema: 'later.csv' is not there yet", `rx-ema: ${problems[0]}`].sort()]);
  });

  it.each([
    [
      'a file of another kind',
      'package.json',
      /'package\.json' must end in .*, or have tfevents in its name, got 'package\.json'/,
    ],
    ['a pattern', 'runs/*.csv', /'runs\/\*\.csv' must be a file or a folder, got a pattern: name the folder/],
  ])('takes no %s', async (_, path, message) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'package.json'), '{}');
    const { code, stdout, stderr } = await rxEma.run(['watch', path, '--port', '0'], folder);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
  });

  it.each(['x', '-1', '65536', '80.5', ''])('takes no port %o', async (port) => {
    const { code, stdout, stderr } = await rxEma.run(['watch', `--port=${port}`], emptyFolder());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`rx-ema: --port must be an integer from 0 to 65535, got '${port}'\n`);
  });

  it('ends with 1 and a line if the port that was asked for is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await rxEma.run(['watch', '--port', `${port}`], emptyFolder());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^rx-ema: port must be free on 127.0.0.1, got ${port}: .*\\n$`));
  });

  it('opens a browser if it is asked to', async () => {
    const folder = emptyFolder();
    const browser = join(folder, 'xdg-open');
    writeFileSync(browser, '#!/bin/sh\necho "$1" > opened\n', { mode: 0o755 });
    const script =
      'PATH="$PWD:$PATH" rx-ema watch --port 0 --open & until [ -s opened ]; do sleep 0.1; done; kill -INT $!; wait $!';
    const { code, stdout } = await rxEma.shell(script, folder);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^http/)]);
    const { stdout: opened } = await rxEma.shell('cat opened', folder);
    expect(opened).toBe(stdout);
  });
});
