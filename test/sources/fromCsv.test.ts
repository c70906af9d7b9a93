import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import papaparse from 'papaparse';
import { lastValueFrom, take, toArray } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { fromCsv, type CsvRow, type FromCsvOptions } from 'rx-ema/sources';
import { describe, expect, it, vi } from 'vitest';
import { refusal, refusalOf } from '../refusal.js';
import { emptyFolder } from '../support/emptyFolder.js';

function fileOf(text: string | Uint8Array, name = 'run.csv'): string {
  const path = join(emptyFolder(), name);
  writeFileSync(path, text);
  return path;
}

const rowsOf = (text: string | Uint8Array, options?: FromCsvOptions): Promise<CsvRow[]> =>
  lastValueFrom(fromCsv(fileOf(text), options).pipe(toArray()));

/** What has come so far. */
function follow(path: string, options: FromCsvOptions = {}) {
  const rows: CsvRow[] = [];
  let error: unknown;
  const subscription = fromCsv(path, { follow: true, ...options }).subscribe({
    next: (row) => rows.push(row),
    error: (reason: unknown) => (error = reason),
  });
  const until = (expected: CsvRow[]) => vi.waitFor(() => expect([rows, error]).toEqual([expected, undefined]), 20_000);
  return { until, stop: () => subscription.unsubscribe() };
}

describe('fromCsv', () => {
  it('gives records by the names of the header: numbers, text, and null for what is not there', async () => {
    expect(await rowsOf('step,loss,phase\n1,0.5,warm\n2,,main\n3,nan,\n')).toEqual([
      { step: 1, loss: 0.5, phase: 'warm' },
      { step: 2, loss: null, phase: 'main' },
      { step: 3, loss: NaN, phase: null },
    ]);
  });

  it('is read by emaScan as it comes', async () => {
    const path = fileOf('step,loss\n1,4\n2,\n3,2\n');
    const smooth$ = fromCsv(path).pipe(emaScan({ decay: 0.5, columns: ['loss'] }), biasCorrected(), toArray());
    expect(await lastValueFrom(smooth$)).toEqual([
      { step: 1, loss: 4 },
      { step: 2, loss: null },
      { step: 3, loss: 4 + (2 / 3) * (2 - 4) },
    ]);
  });

  it('reads 10,000 rows as papaparse does', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ step: i, loss: Math.sin(i) / (i + 1), note: `n"${i},` }));
    const text = papaparse.unparse(rows);
    expect(await rowsOf(text)).toEqual(papaparse.parse(text, { header: true, dynamicTyping: true }).data);
  });

  it('reads gzip, a byte order mark and CR LF', async () => {
    expect(await rowsOf(gzipSync('\ufeffa;b\r\n1;x\r\n'))).toEqual([{ a: 1, b: 'x' }]);
  });

  it('takes ids for text: digits with zeros in front, and the columns that are named', async () => {
    const text = 'id,run,loss\n007,12,1\n012,13,2\n';
    expect(await rowsOf(text, { text: ['run'] })).toEqual([
      { id: '007', run: '12', loss: 1 },
      { id: '012', run: '13', loss: 2 },
    ]);
  });

  it('lets the first value say what a column holds', async () => {
    expect(await rowsOf('a,b\n,NA\n1,x\n2,NA\n')).toEqual([
      { a: null, b: null },
      { a: 1, b: 'x' },
      { a: 2, b: 'NA' },
    ]);
  });

  it('gives a column named __proto__ like others', async () => {
    const [row] = await rowsOf('__proto__,a\n1,2\n');
    expect(Object.entries(row!)).toEqual([
      ['__proto__', 1],
      ['a', 2],
    ]);
  });

  it('ends with the place of text among numbers, behind the rows before it', async () => {
    const seen: CsvRow[] = [];
    const path = fileOf('step,loss\n1,0.5\n2,abc\n3,0.1\n');
    const error = await new Promise((resolve) =>
      fromCsv(path).subscribe({ next: (row) => seen.push(row), error: resolve }),
    );
    expect(seen).toEqual([{ step: 1, loss: 0.5 }]);
    expect(error).toMatchObject({
      code: 'FILE_FORMAT',
      message: `'${path}' line 3, column 'loss' (2): must be a number as in the lines before, got 'abc': columns of both go into the option text`,
    });
  });

  it('leaves bad rows out and counts them, for each subscription anew', async () => {
    const rows$ = fromCsv(fileOf('a,b\n1,2\n1\nx,2\n3,4\n1,2,3\n'), { onBadRow: 'skip' });
    for (let i = 0; i < 2; i++) {
      expect(await lastValueFrom(rows$.pipe(toArray()))).toEqual([
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ]);
      expect(rows$.skipped).toBe(3);
    }
  });

  it('reads no more rows than are taken', async () => {
    expect(await lastValueFrom(fromCsv(fileOf('a\n1\n2\nx\n')).pipe(take(2), toArray()))).toEqual([{ a: 1 }, { a: 2 }]);
  });
});

describe('fromCsv that follows', () => {
  it('waits for the file, for its header, and for the end of a half-written line', async () => {
    const path = join(emptyFolder(), 'run.csv');
    const run = follow(path);
    writeFileSync(path, 'step,lo');
    await run.until([]);
    appendFileSync(path, 'ss\n1,0.');
    await run.until([]);
    appendFileSync(path, '5\n2,"0.');
    await run.until([{ step: 1, loss: 0.5 }]);
    appendFileSync(path, '25"\n');
    await run.until([
      { step: 1, loss: 0.5 },
      { step: 2, loss: 0.25 },
    ]);
    run.stop();
  });

  it('reads a file that starts again with its own header: cut, or another in its place', async () => {
    const path = fileOf('a,b\n1,x\n2,');
    const run = follow(path);
    await run.until([{ a: 1, b: 'x' }]);
    truncateSync(path);
    appendFileSync(path, 'b;a\n1;text\n');
    await run.until([
      { a: 1, b: 'x' },
      { b: 1, a: 'text' },
    ]);
    writeFileSync(`${path}.new`, 'c\n3\n');
    renameSync(`${path}.new`, path);
    await run.until([{ a: 1, b: 'x' }, { b: 1, a: 'text' }, { c: 3 }]);
    run.stop();
  });
});

describe('what fromCsv refuses', () => {
  it.each([
    ['', {}, 'OPTION_VALUE', 'path must'],
    ['a.csv', { delimiter: '' }, 'OPTION_VALUE', 'delimiter must be one ASCII character, and no quote'],
    ['a.csv', { delimiter: '"' }, 'OPTION_VALUE', 'delimiter must'],
    ['a.csv', { text: 'id' }, 'OPTION_VALUE', "text must be a list of names, got 'id'"],
    ['a.csv', { onBadRow: 'ignore' }, 'OPTION_VALUE', 'onBadRow must be one of'],
    ['a.csv', { delimeter: ';' }, 'OPTION_UNKNOWN', "did you mean 'delimiter'"],
  ])('says at the call what is wrong with %j and %j', (path, options, code, sentence) => {
    const { code: got, message } = refusal(() => fromCsv(path, options as FromCsvOptions));
    expect([got, message]).toEqual([code, expect.stringContaining(sentence)]);
  });

  it('says that a file is not there, or has no such column', async () => {
    const absent = join(emptyFolder(), 'absent.csv');
    expect(await refusalOf(fromCsv(absent))).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('absent.csv') as string,
    });
    expect(await refusalOf(fromCsv(fileOf('a,b\n1,2\n'), { text: ['c'] }))).toMatchObject({ code: 'COLUMN_MISSING' });
  });
});
