import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fromJsonl, type FromJsonlOptions, type JsonRecord } from 'rx-ema/sources';
import { lastValueFrom, map, take, toArray, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { refusal, refusalOf } from '../refusal.js';
import { emptyFolder } from '../support/emptyFolder.js';

const list = <T>(source: Observable<T>): Promise<T[]> => lastValueFrom(source.pipe(toArray()));

/** A file in a folder of its own. */
function fileOf(content: string | Uint8Array, name = 'run.jsonl'): string {
  const path = join(emptyFolder(), name);
  writeFileSync(path, content);
  return path;
}

const codeOf = (options: unknown) => refusal(() => fromJsonl('a', options as FromJsonlOptions)).code;

describe('fromJsonl', () => {
  it('emits the record of each line, and completes', async () => {
    const row$ = fromJsonl(fileOf('{"step":1,"loss":2.5}\n{"step":2,"tags":["a"]}\n'));
    expect(await list(row$)).toEqual([
      { step: 1, loss: 2.5 },
      { step: 2, tags: ['a'] },
    ]);
    expect(row$.skipped).toBe(0);
  });

  it('reads a byte order mark, CRLF, blank lines and a last line without a newline', async () => {
    const path = fileOf('\uFEFF\n{"a":1}\r\n\r\n  \n {"a":2} \r\n\n{"a":3}');
    expect(await list(fromJsonl(path))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(await list(fromJsonl(fileOf('')))).toEqual([]);
  });

  it('reads NaN and the infinities as numbers', async () => {
    const path = fileOf('{"loss": NaN, "note": "NaN"}\n{"loss": -Infinity}\n');
    expect(await list(fromJsonl(path))).toEqual([{ loss: NaN, note: 'NaN' }, { loss: -Infinity }]);
  });

  it('reads characters and lines that pieces cut', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => ({ i, text: '¢€😀'.repeat(i % 97) }));
    const long = { i: -1, text: 'é'.repeat(3_000_000) };
    const path = fileOf([...lines, long, ...lines].map((line) => JSON.stringify(line)).join('\n'));
    const got = await list(fromJsonl(path));
    expect(got.length).toBe(6001);
    expect(got).toEqual([...lines, long, ...lines]);
  });

  it('reads gzip', async () => {
    expect(await list(fromJsonl(fileOf(gzipSync('{"a":1}\n{"a":2}'), 'run.jsonl.gz')))).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it.each([
    ['{"a":1}\n\n{"a" 2}\n', "line 3, character 6: must be JSON, got '2'"],
    ['{"a":1}\n[1]\n', 'line 2, character 1: must be an object, got an array'],
    ['  17\n', 'line 1, character 3: must be an object, got 17'],
    ['null', 'line 1, character 1: must be an object, got null'],
    ['"x"', "line 1, character 1: must be an object, got 'x'"],
    ['{"a":', 'line 1, character 6: must be JSON, got the end of the line'],
  ])('says of %j which line and character are bad', async (text, says) => {
    const path = fileOf(text);
    expect(await refusalOf(fromJsonl(path))).toEqual({ code: 'FILE_FORMAT', message: `'${path}' ${says}` });
  });

  it('says that a text is UTF-16, as the > of PowerShell writes it', async () => {
    const error = await refusalOf(fromJsonl(fileOf(Buffer.from('\ufeff{"a":1}\n', 'utf16le'))));
    expect(error.code).toBe('FILE_FORMAT');
    expect(error.message).toContain('must be JSON in UTF-8, got UTF-16 or no text');
  });

  it('refuses a line without end before it fills the memory', async () => {
    const path = fileOf('{"a":1}\n');
    const piece = Buffer.alloc(2 ** 24, 'x');
    for (let n = 0; n < 5; n++) appendFileSync(path, piece);
    const error = await refusalOf(fromJsonl(path));
    expect([error.code, error.message]).toEqual([
      'FILE_FORMAT',
      expect.stringMatching(
        /run\.jsonl' line 2 must be 64 Mi characters at most, got 67\d{6} characters without its end$/,
      ),
    ]);
  });

  it('leaves bad rows out and counts those of the newest subscription, if told to', async () => {
    const path = fileOf('{"a":1}\nbroken\n{"a":2}\n[]\n{"a":');
    const row$ = fromJsonl(path, { onBadRow: 'skip' });
    expect(await list(row$)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(row$.skipped).toBe(3);
    expect(await list(row$.pipe(take(2)))).toEqual([{ a: 1 }, { a: 2 }]);
    expect(row$.skipped).toBe(1);
  });

  it('parses no line that is not wanted', async () => {
    const path = fileOf('{"a":1}\n{"a":2}\nbroken\n');
    expect(await list(fromJsonl(path).pipe(take(2)))).toEqual([{ a: 1 }, { a: 2 }]);
    const parse = vi.spyOn(JSON, 'parse');
    await list(fromJsonl(path).pipe(take(1)));
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });

  it('gives the event loop its turn while it reads', async () => {
    const path = fileOf('{"a":1}\n'.repeat(500_000));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    expect((await lastValueFrom(fromJsonl(path).pipe(map((_, i) => i)))) + 1).toBe(500_000);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });

  it('refuses what it can not use, at the call', () => {
    expect(codeOf({ follow: 1 })).toBe('OPTION_VALUE');
    expect(codeOf({ onBadRow: 'ignore' })).toBe('OPTION_VALUE');
    expect(codeOf(null)).toBe('OPTION_VALUE');
    expect(refusal(() => fromJsonl('a', { folow: true } as FromJsonlOptions)).message).toContain(
      "did you mean 'follow'",
    );
    expect(refusal(() => fromJsonl('')).code).toBe('OPTION_VALUE');
  });
});

describe('fromJsonl that follows', () => {
  it('waits for a half-written line, and counts lines anew in a new file', async () => {
    const path = fileOf('{"a":1}\n{"a"');
    const got: JsonRecord[] = [];
    let error: unknown;
    const subscription = fromJsonl(path, { follow: true }).subscribe({
      next: (row) => got.push(row),
      error: (one: unknown) => (error = one),
    });
    await vi.waitFor(() => expect(got).toEqual([{ a: 1 }]), 10_000);
    appendFileSync(path, ':2}');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(got.length).toBe(1); // the line may go on
    renameSync(path, `${path}.1`);
    writeFileSync(path, '{"a":3}\nbroken\n');
    await vi.waitFor(() => expect(error).toBeDefined(), 10_000);
    expect(got).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(String(error)).toContain(`'${path}' line 2, character 1: must be JSON`);
    expect(subscription.closed).toBe(true);
  });

  it('leaves out the half line of a file that was written anew, as a program does that was killed and started again', async () => {
    const path = fileOf('{"a":1}\n{"a"');
    const got: JsonRecord[] = [];
    const row$ = fromJsonl(path, { follow: true });
    const subscription = row$.subscribe((row) => got.push(row));
    await vi.waitFor(() => expect(got).toEqual([{ a: 1 }]), 10_000);
    writeFileSync(path, '{"a":2}\n');
    await vi.waitFor(() => expect(got).toEqual([{ a: 1 }, { a: 2 }]), 10_000);
    expect(row$.skipped).toBe(0);
    subscription.unsubscribe();
    expect(readFileSync(path, 'utf8')).toBe('{"a":2}\n');
  });
});
