import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, it, vi } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import { ended } from '../../support/program.js';

const MB = 2 ** 20;

/** A table of a step and a loss, as text. */
function* lines(rows: number): Generator<string> {
  let text = 'step,loss\n';
  for (let step = 1; step <= rows; step++) {
    text += `${step},${1 / step + ((step * 2654435761) % 2 ** 32) / 2 ** 34}\n`;
    if (text.length > 2 ** 18) {
      yield text;
      text = '';
    }
  }
  yield text;
}

describeWith(registry, 'what rx-ema smooth leaves', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  it('never takes the place of what was read, by another path neither', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), 'loss\n4\n2\n');
    symlinkSync('x.csv', join(folder, 'link.csv'));
    for (const out of ['./x.csv', 'link.csv']) {
      expect(await rxEma.run(['smooth', 'x.csv', '-o', out], folder)).toMatchObject({
        code: 2,
        stderr: "rx-ema: the output must not be an input, got 'x.csv' as both: write to another file\n",
      });
    }
    expect(readFileSync(join(folder, 'x.csv'), 'utf8')).toBe('loss\n4\n2\n');
  });

  it('is the old file alone after an error in the middle', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), `loss\n${'1\n'.repeat(500_000)}oops\n`);
    writeFileSync(join(folder, 'out.csv'), 'old');
    const { code } = await rxEma.run(['smooth', 'x.csv', '-o', 'out.csv'], folder);
    expect([code, readFileSync(join(folder, 'out.csv'), 'utf8')]).toEqual([1, 'old']);
    expect(readdirSync(folder).sort()).toEqual(['out.csv', 'x.csv']);
  });

  it.each(['csv', 'jsonl', 'arrow', 'parquet'])(
    'is the old file alone, and one line, when the disk is full: %s',
    async (format) => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'x.csv'), [...lines(50_000)].join(''));
      const out = `out.${format}`;
      writeFileSync(join(folder, out), 'old');
      const { code, stderr } = await rxEma.shell(`ulimit -f 200; rx-ema smooth x.csv -o ${out}`, folder);
      expect([code, readFileSync(join(folder, out), 'utf8')]).toEqual([1, 'old']);
      expect(stderr).toMatch(/^rx-ema: smoothing .*\nrx-ema: '.*' must be a file that can be written, got EFBIG.*\n$/);
      expect(readdirSync(folder).sort()).toEqual([out, 'x.csv']);
    },
  );

  it('is nothing in a folder that is not there, or where a folder stands', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), 'loss\n1\n');
    mkdirSync(join(folder, 'taken.csv'));
    for (const out of ['absent/out.csv', 'taken.csv']) {
      const { code, stderr } = await rxEma.run(['smooth', 'x.csv', '-o', out], folder);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`'${out}' must be a file that can be written`)]);
    }
    expect(readdirSync(folder).sort()).toEqual(['taken.csv', 'x.csv']);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is the old file alone after %s, of which it dies', async (signal) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'out.csv'), 'old');
    const child = spawn(rxEma.path, ['smooth', '-', '--from', 'csv', '-o', 'out.csv'], { cwd: folder });
    const end = ended(child);
    child.stdin.on('error', () => {}); // it dies before it has read all
    child.stdin.write([...lines(50_000)].join(''));
    await vi.waitFor(() => expect(readdirSync(folder)).toHaveLength(2), 10_000);
    child.kill(signal);
    expect(await end).toMatchObject({ code: null, signal });
    expect([readdirSync(folder), readFileSync(join(folder, 'out.csv'), 'utf8')]).toEqual([['out.csv'], 'old']);
  });

  it('goes to a device that there is', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), 'loss\n1\n');
    const { code } = await rxEma.run(['smooth', 'x.csv', '-o', '/dev/null', '--to', 'csv'], folder);
    expect([code, statSync('/dev/null').isCharacterDevice()]).toEqual([0, true]);
  });
});

describeWith(registry, 'rx-ema smooth on a terminal', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  /** What is seen on a terminal of its own. */
  async function seen(command: string, folder: string): Promise<string> {
    return (await rxEma.shell(`script -qec '${command}' /dev/null`, folder)).stdout;
  }

  it('shows how far it has come, how fast, and the time that is left', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), [...lines(400_000)].join(''));
    const text = await seen('rx-ema smooth x.csv -o out.csv', folder);
    expect(text).toMatch(/\d+ % \| [\d,]+ rows \| [\d,]+ rows\/s \| .+ left/);
    expect(existsSync(join(folder, 'out.csv'))).toBe(true);
  });

  it('shows no bar among the rows', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), 'loss\n1\n');
    const text = await seen('rx-ema smooth x.csv', folder);
    expect(text.replaceAll('\r', '')).toBe(
      'rx-ema: smoothing loss (half-life 50 rows as nothing else was said)\nloss\n1\n',
    );
  });

  it('refuses to write Arrow there', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.csv'), 'loss\n1\n');
    expect(await seen('rx-ema smooth x.csv --to arrow', folder)).toContain(
      'Arrow must go to a file or a pipe, got a terminal',
    );
  });
});

describeWith(registry, 'the memory of rx-ema smooth', () => {
  const ROWS = 10_000_000;
  const MOST_MB = 200;
  const TELL_PEAK =
    "--import=data:text/javascript,process.on('exit',()=>process.stderr.write(`peak+${process.resourceUsage().maxRSS}`))";

  it.each([
    ['to a file', ['-o', 'out.csv']],
    ['to a pipe that is read slowly', []],
  ])(
    `stays under ${MOST_MB} MB with ${ROWS} rows %s`,
    async (where, output) => {
      const rxEma = await packedCommand();
      const folder = emptyFolder();
      const env = { ...process.env, NODE_OPTIONS: TELL_PEAK };
      const child = spawn(rxEma.path, ['smooth', '-', '--from', 'csv', ...output], { cwd: folder, stdio: 'pipe', env });
      const end = once(child, 'close');
      let stderr = '';
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      Readable.from(lines(ROWS)).pipe(child.stdin);
      let bytes = 0;
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        if (bytes % 8 === 0) await setTimeout(1);
        bytes += chunk.length;
      }
      await end;
      if (output.length > 0) bytes = statSync(join(folder, 'out.csv')).size;
      const peak = Number(/peak\+(\d+)/.exec(stderr)?.[1]) / 1024;
      console.log(`${ROWS} rows ${where}: ${peak.toFixed(0)} MB at most, ${(bytes / MB).toFixed(0)} MB written`);
      expect(bytes).toBeGreaterThan(200 * MB);
      expect(peak).toBeLessThan(MOST_MB);
      expect(peak).toBeGreaterThan(20);
    },
    5 * 60_000,
  );
});
