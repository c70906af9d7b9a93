import * as fc from 'fast-check';
import papaparse from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { SmoothingError } from '../../../src/errors.js';
import { readCsv } from '../../../src/sources/csv/readCsv.js';

interface Read {
  readonly columns: readonly string[];
  readonly rows: string[][];
  /** As they stand in the bytes, line end and all. */
  readonly lines: string[];
  readonly bad: string[];
}

/** A text read in pieces that end at `cuts`. */
async function read(text: string | Uint8Array, cuts: readonly number[] = [], delimiter?: string): Promise<Read> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  async function* pieces() {
    for (const [i, end] of ends.entries()) {
      const lent = bytes.slice(ends[i - 1] ?? 0, end);
      yield { bytes: lent, fresh: false };
      lent.fill(0x3f); // no longer ours
    }
  }
  const all = { columns: [] as readonly string[], rows: [] as string[][], lines: [] as string[], bad: [] as string[] };
  const bad = (error: SmoothingError) => void all.bad.push(error.message);
  for await (const block of readCsv(pieces(), { path: 'run.csv', delimiter: delimiter?.charCodeAt(0) ?? null, bad })) {
    all.columns = block.columns;
    for (let row = 0; row < block.rows; row++) {
      all.rows.push(block.columns.map((_, column) => block.text(row, column)));
      all.lines.push(new TextDecoder().decode(block.bytes.subarray(block.lineStart(row), block.lineEnds[row])));
    }
  }
  return all;
}

const cuts = fc.array(fc.nat(400), { maxLength: 12 });
const cell = fc.oneof(
  fc.string({ maxLength: 6, unit: 'grapheme' }),
  fc.stringMatching(/^[-0-9.e]{0,8}$/),
  fc.stringMatching(/^[",;\t\r\né€]{0,5}$/),
);

/** Random tables: width, delimiter, line end, and whether every cell is quoted. */
const table = fc
  .record({
    width: fc.integer({ min: 2, max: 6 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    newline: fc.constantFrom('\n', '\r\n'),
    quotes: fc.boolean(),
    mark: fc.constantFrom('', '\ufeff'),
    closing: fc.boolean(),
  })
  .chain((form) => {
    const row = fc.array(cell, { minLength: form.width, maxLength: form.width });
    return fc.record({ form: fc.constant(form), rows: fc.array(row, { maxLength: 8 }) });
  });

describe('readCsv', () => {
  it('gives the cells that papaparse writes and reads, wherever the pieces are cut', async () => {
    await fc.assert(
      fc.asyncProperty(table, cuts, async ({ form, rows }, cuts) => {
        const { delimiter, newline, quotes, mark, closing } = form;
        const header = Array.from({ length: form.width }, (_, i) => `c${i}`);
        const body = papaparse.unparse([header, ...rows], { delimiter, newline, quotes });
        const text = mark + body + (closing ? newline : '');
        const theirs = papaparse.parse<string[]>(body, { delimiter, newline }).data.slice(1);
        const ours = await read(text, cuts);
        expect([ours.columns, ours.rows, ours.bad]).toEqual([header, theirs, []]);
        expect(theirs).toEqual(rows);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps each line as it stands in the file', async () => {
    await fc.assert(
      fc.asyncProperty(table, cuts, async ({ form, rows }, cuts) => {
        const { delimiter, newline, quotes } = form;
        const header = Array.from({ length: form.width }, (_, i) => `c${i}`);
        const text = papaparse.unparse([header, ...rows], { delimiter, newline, quotes }) + newline;
        const { lines } = await read(text, cuts);
        expect(lines.join('')).toBe(
          text.slice(header.join(delimiter).length + (quotes ? 2 * form.width : 0) + newline.length),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('reads thousands of columns', async () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `metric/${i}`);
    const row = names.map((_, i) => `${i / 7}`);
    const { columns, rows } = await read(`${names.join(',')}\n${row.join(',')}\n${row.join(',')}`, [100, 50_000]);
    expect([columns, rows]).toEqual([names, [row, row]]);
  });

  it('leaves out empty lines, and reads a file of one column', async () => {
    expect(await read('\n\r\na\n1\n\n2\r\n\r\n\n3')).toMatchObject({ columns: ['a'], rows: [['1'], ['2'], ['3']] });
  });

  it.each(['', '\n', '\ufeff'])('finds nothing in %j', async (text) => {
    expect(await read(text)).toEqual({ columns: [], rows: [], lines: [], bad: [] });
  });

  it('reads a header alone, whether its line ends or not', async () => {
    expect((await read('step,loss')).columns).toEqual(['step', 'loss']);
    expect((await read('step,loss\r\n')).columns).toEqual(['step', 'loss']);
  });

  it('reads names with quotes, delimiters and line ends, and without the blanks around them', async () => {
    const { columns } = await read('"a,b", loss ,"say ""hi""","two\nlines"\n');
    expect(columns).toEqual(['a,b', 'loss', 'say "hi"', 'two\nlines']);
  });

  it.each([
    ['a;b,c;d\n', ['a', 'b,c', 'd']],
    ['a\tb,c\td\n', ['a', 'b,c', 'd']],
    ['"a;b;c",d\n', ['a;b;c', 'd']],
    ['a|b\n', ['a', 'b']],
    ['a;b,c\n', ['a;b', 'c']],
  ])('takes the delimiter that cuts the header %j into most names', async (text, columns) => {
    expect((await read(text)).columns).toEqual(columns);
  });

  it('takes the delimiter that is given', async () => {
    expect((await read('a;b,c\n1;2,3\n', [], ';')).rows).toEqual([['1', '2,3']]);
  });

  it('says which lines are no rows, and goes on behind them', async () => {
    const text = 'a,b\n1,2\n1\n"x\ny",2\n1,2,3\n"q"r,5\n\n3,4\n';
    const { rows, bad } = await read(text);
    expect(rows).toEqual([
      ['1', '2'],
      ['x\ny', '2'],
      ['3', '4'],
    ]);
    expect(bad).toEqual([
      "'run.csv' line 3: must have 2 cells, as the header has, got 1",
      "'run.csv' line 6: must have 2 cells, as the header has, got 3",
      "'run.csv' line 7, column 'a' (1): must end behind its closing quote, got more",
    ]);
  });

  it('says where a quote was opened that is never closed', async () => {
    const { rows, bad } = await read('a,b\n1,2\n3,"4\n5,6\n', [9]);
    expect(rows).toEqual([['1', '2']]);
    expect(bad).toEqual([
      "'run.csv' line 3, column 'b' (2): must have a quote at its end, got none up to the end of the file",
    ]);
  });

  it('refuses two columns of one name', async () => {
    await expect(read('a,b,a\n')).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: "'run.csv' line 1: the names of the columns must differ, got 'a' for the columns 1 and 3",
    });
  });

  it.each([
    ['"a,b\n1,2\n3,4\n', 'line 1: a name must have a quote at its end, got none up to the end of the file'],
    ['\n"a"x,b\n1,2\n', "line 2: a name must end behind its closing quote, got more: 'a\"'"],
    ['a,b\r1,2\r3,4\r', 'line 1: lines must end with LF or CR LF, got CR alone'],
    ['"a","b"\r"1","2"\r', 'line 1: lines must end with LF or CR LF, got CR alone'],
    [Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 'line 1: names must be text in UTF-8, got UTF-16 or no text'],
    [Buffer.from('a,b\n1,2\n', 'utf16le'), 'line 1: names must be text in UTF-8, got UTF-16 or no text'],
  ])('refuses a header that is none, in place of a table without rows: %j', async (text, what) => {
    await expect(read(text, [3])).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining(`'run.csv' ${what}`) as string,
    });
  });

  it('refuses a line without end, and holds no more of it than 16 MiB and a piece', async () => {
    const text = new Uint8Array(20 * 2 ** 20).fill(0x31);
    text.set(new TextEncoder().encode('a\n'));
    const cuts = Array.from({ length: 20 }, (_, i) => i * 2 ** 20);
    await expect(read(text, cuts)).rejects.toMatchObject({
      code: 'FILE_FORMAT',
      message: expect.stringContaining("'run.csv' line 2 must be 16 MiB at most") as string,
    });
  });
});
