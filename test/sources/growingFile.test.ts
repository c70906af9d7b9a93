import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Changes } from '../../src/sources/changes.js';
import { readPieces } from '../../src/sources/growingFile.js';
import { refusalFrom } from '../refusal.js';
import { emptyFolder } from '../support/emptyFolder.js';

const CUT = '|';

/** Reads along, and shows the text that has come, with a `|` where it began anew. */
function follow(path: string) {
  const changes = new Changes('reader');
  let [text, closed] = ['', false];
  const done = (async () => {
    for await (const { bytes, fresh } of readPieces(path, {
      follow: true,
      changes,
      closed: () => closed,
      caller: 'reader',
    })) {
      text += (fresh ? CUT : '') + Buffer.from(bytes).toString();
      if (closed) return;
    }
  })();
  const close = async () => {
    closed = true;
    changes.close();
    await done;
  };
  const until = (expected: string) => vi.waitFor(() => expect(text).toBe(expected), { timeout: 20_000, interval: 5 });
  return { done, close, until, text: () => text };
}

/** All of a file, without following. */
async function whole(path: string): Promise<string> {
  const parts: Buffer[] = [];
  const growing = { follow: false, changes: new Changes('reader'), closed: () => false, caller: 'reader' };
  for await (const { bytes } of readPieces(path, growing)) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts).toString();
}

/** Folders that this process watches. */
const watches = () => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;

/** Files of a folder that this process has open. */
function openIn(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const target = targetOf(`/proc/self/fd/${fd}`);
    return target.startsWith(folder) ? [target] : [];
  });
}

function targetOf(link: string): string {
  try {
    return fs.readlinkSync(link);
  } catch {
    return ''; // the one that lists them
  }
}

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('readPieces', () => {
  it('gives all bytes of a file in pieces, and ends', async () => {
    const path = join(emptyFolder(), 'a');
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i % 251));
    writeFileSync(path, bytes);
    const sizes: number[] = [];
    const parts: Buffer[] = [];
    const growing = { follow: false, changes: new Changes('reader'), closed: () => false, caller: 'reader' };
    for await (const piece of readPieces(path, growing)) {
      sizes.push(piece.bytes.length);
      parts.push(Buffer.from(piece.bytes));
      expect(piece.fresh).toBe(false);
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
  });

  it('says which file can not be read, and why', async () => {
    const folder = emptyFolder();
    const absent = await refusalFrom(whole(join(folder, 'absent.csv')));
    expect(absent.code).toBe('SOURCE_UNREADABLE');
    expect(absent.message).toContain('absent.csv');
    expect(absent.message).toContain('ENOENT');
    expect((await refusalFrom(whole(folder))).message).toContain('EISDIR');
  });

  it('waits for a file, and for its folder, and gives what is appended', async () => {
    const folder = join(emptyFolder(), 'run');
    const path = join(folder, 'a');
    const reader = follow(path);
    await wait(30);
    mkdirSync(folder);
    await wait(30);
    writeFileSync(path, 'one ');
    await reader.until('one ');
    appendFileSync(path, 'two ');
    appendFileSync(path, 'three');
    await reader.until('one two three');
    await reader.close();
  });

  it('begins anew where a file was cut', async () => {
    const path = join(emptyFolder(), 'a');
    writeFileSync(path, 'one two');
    const reader = follow(path);
    await reader.until('one two');
    truncateSync(path);
    await reader.until('one two|');
    appendFileSync(path, 'three');
    await reader.until('one two|three');
    await reader.close();
  });

  it('begins anew where a file was written again, longer than it was', async () => {
    const path = join(emptyFolder(), 'a');
    writeFileSync(path, 'one two');
    const reader = follow(path);
    await reader.until('one two');
    writeFileSync(path, 'another text, longer than the first');
    await reader.until('one two|another text, longer than the first');
    await reader.close();
  });

  it('reads a renamed file for as long as the new one is absent or empty, then the new one', async () => {
    const path = join(emptyFolder(), 'a');
    writeFileSync(path, 'one ');
    const reader = follow(path);
    await reader.until('one ');
    const writer = fs.openSync(path, 'a');
    renameSync(path, `${path}.1`);
    fs.writeSync(writer, 'two ');
    await reader.until('one two ');
    writeFileSync(path, '');
    await wait(150);
    fs.writeSync(writer, 'three ');
    await reader.until('one two three ');
    fs.writeSync(writer, 'four');
    fs.closeSync(writer);
    writeFileSync(path, 'new');
    await reader.until('one two three four|new');
    await reader.close();
  });

  it('reads what a renamed file gets between a look at its end and a look at the new one', async () => {
    const path = join(emptyFolder(), 'a');
    writeFileSync(path, 'one ');
    const reader = follow(path);
    await reader.until('one ');
    const stat = fs.promises.stat as (...args: unknown[]) => Promise<never>;
    vi.spyOn(fs.promises, 'stat').mockImplementationOnce((...args: unknown[]) => {
      renameSync(path, `${path}.1`);
      appendFileSync(`${path}.1`, 'two');
      writeFileSync(path, 'new');
      return stat(...args);
    });
    await reader.until('one two|new');
    await reader.close();
  });

  it('waits for another where a file was deleted', async () => {
    const path = join(emptyFolder(), 'a');
    writeFileSync(path, 'one');
    const reader = follow(path);
    await reader.until('one');
    rmSync(path);
    await wait(150);
    expect(reader.text()).toBe('one');
    writeFileSync(path, 'two');
    await reader.until('one|two');
    await reader.close();
  });

  it('lets go of a file that was deleted, when it has been read to its end', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'a');
    writeFileSync(path, 'one');
    const reader = follow(path);
    await reader.until('one');
    const writer = fs.openSync(path, 'a');
    fs.writeSync(writer, ' two');
    rmSync(path);
    fs.closeSync(writer);
    await reader.until('one two');
    await vi.waitFor(() => expect(openIn(folder)).toEqual([]), 10_000);
    writeFileSync(path, 'three');
    await reader.until('one two|three');
    renameSync(path, `${path}.1`);
    await wait(300);
    expect(openIn(folder)).toEqual([`${path}.1`]); // its writer may not be done with it
    await reader.close();
  });

  it('goes on where another machine has deleted the file that is open', async () => {
    const path = join(emptyFolder(), 'a');
    writeFileSync(path, 'one');
    const open = fs.promises.open;
    const opened: fs.promises.FileHandle[] = [];
    vi.spyOn(fs.promises, 'open').mockImplementation(async (...args) => {
      const handle = await open(...args);
      opened.push(handle);
      return handle;
    });
    const reader = follow(path);
    await reader.until('one');
    vi.spyOn(opened[0]!, 'read').mockRejectedValue(Object.assign(new Error('stale'), { code: 'ESTALE' }));
    writeFileSync(path, 'two');
    await reader.until('one|two');
    await reader.close();
  });

  it('follows a link to another file', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'latest');
    writeFileSync(join(folder, 'a'), 'one');
    writeFileSync(join(folder, 'b'), 'two');
    symlinkSync('a', path);
    const reader = follow(path);
    await reader.until('one');
    rmSync(path);
    symlinkSync('b', path);
    await reader.until('one|two');
    await reader.close();
  });

  it.each(['a watch that is silent', 'no watch to be had'])('sees all of it with %s', async (kind) => {
    vi.spyOn(fs, 'watch').mockImplementation(() => {
      if (kind === 'no watch to be had') throw new Error('ENOSPC');
      return { on: () => {}, close: () => {} } as unknown as fs.FSWatcher;
    });
    syncBuiltinESMExports();
    const path = join(emptyFolder(), 'a');
    const reader = follow(path);
    await wait(30);
    writeFileSync(path, 'one');
    await reader.until('one');
    appendFileSync(path, ' two');
    await reader.until('one two');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'three');
    await reader.until('one two|three');
    truncateSync(path);
    await reader.until('one two|three|');
    await reader.close();
  });

  it('leaves no file, timer or watch behind, wherever it is stopped', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'a');
    const before = watches();
    writeFileSync(path, 'one');
    const reader = follow(path);
    await reader.until('one');
    await wait(30);
    expect(openIn(folder)).toEqual([path]);
    expect(watches()).toBe(before + 1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'two');
    await reader.until('one|two');
    expect(openIn(folder)).toEqual([path]);
    await reader.close();
    expect(openIn(folder)).toEqual([]);
    await vi.waitFor(() => expect(watches()).toBe(before), 10_000);

    const growing = { follow: false, changes: new Changes('reader'), closed: () => false, caller: 'reader' };
    for await (const _ of readPieces(path, growing)) break;
    expect(openIn(folder)).toEqual([]);
    await refusalFrom(whole(folder));
    expect(openIn(folder)).toEqual([]);
  });
});

describe('readPieces of gzip', () => {
  const text = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('');

  it('unzips it, whatever it is called, all of its members', async () => {
    const path = join(emptyFolder(), 'a.csv');
    writeFileSync(path, Buffer.concat([gzipSync(text), gzipSync('and more')]));
    expect(await whole(path)).toBe(`${text}and more`);
  });

  it('unzips members in front of zeros, as some tools pad them', async () => {
    const path = join(emptyFolder(), 'a.gz');
    writeFileSync(path, Buffer.concat([gzipSync('one'), Buffer.alloc(600_000)]));
    expect(await whole(path)).toBe('one');
  });

  it('passes over what is written behind such zeros', async () => {
    const path = join(emptyFolder(), 'a.gz');
    writeFileSync(path, Buffer.concat([gzipSync('one'), Buffer.alloc(1000)]));
    const reader = follow(path);
    await reader.until('one');
    appendFileSync(path, Buffer.concat([Buffer.alloc(1000), gzipSync('two')]));
    await wait(300);
    writeFileSync(path, gzipSync('anew'));
    await reader.until('one|anew');
    await reader.close();
  });

  it('gives plain text of a file that is called gz', async () => {
    const path = join(emptyFolder(), 'a.gz');
    writeFileSync(path, 'plain');
    expect(await whole(path)).toBe('plain');
    writeFileSync(path, '\x1f');
    expect(await whole(path)).toBe('\x1f');
  });

  it('says that it is damaged or cut short, with the path', async () => {
    const path = join(emptyFolder(), 'a.gz');
    const zipped = gzipSync(text);
    writeFileSync(path, zipped.subarray(0, -100));
    expect(await refusalFrom(whole(path))).toEqual({
      code: 'FILE_FORMAT',
      message: `'${path}' must be whole gzip, got unexpected end of file`,
    });
    zipped.fill(0xff, 1000, 2000);
    writeFileSync(path, zipped);
    expect((await refusalFrom(whole(path))).code).toBe('FILE_FORMAT');
  });

  it('unzips while it grows, byte by byte, and waits where it is cut', async () => {
    const path = join(emptyFolder(), 'a.gz');
    const reader = follow(path);
    for (const byte of gzipSync('one')) {
      appendFileSync(path, Buffer.of(byte));
      await wait(2);
    }
    await reader.until('one');
    const zipped = gzipSync(text);
    appendFileSync(path, zipped.subarray(0, 1000));
    await wait(50);
    appendFileSync(path, zipped.subarray(1000));
    await reader.until(`one${text}`);
    writeFileSync(path, gzipSync('anew').subarray(0, -3));
    await reader.until(`one${text}|anew`);
    writeFileSync(path, 'plain');
    await reader.until(`one${text}|anew|plain`);
    await reader.close();
  });

  it('keeps no more of a bomb in memory than a few pieces', async () => {
    const path = join(emptyFolder(), 'a.gz');
    const zeros = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    writeFileSync(path, Buffer.concat(Array.from({ length: 16 }, () => zeros)));
    let [length, most] = [0, 0];
    const growing = { follow: false, changes: new Changes('reader'), closed: () => false, caller: 'reader' };
    for await (const { bytes } of readPieces(path, growing)) {
      length += bytes.length;
      most = Math.max(most, bytes.length);
    }
    expect(length).toBe(512 * 1024 * 1024);
    expect(most).toBeLessThanOrEqual(1024 * 1024);
  });
});
