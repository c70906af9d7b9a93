import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Dictionary,
  Float32,
  Float64,
  Int32,
  makeData,
  makeVector,
  tableFromIPC,
  tableToIPC,
  Table,
  TimestampNanosecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import papaparse from 'papaparse';
import { lastValueFrom, of } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeParquet } from '../../../src/apps/tables/writeParquet.js';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import type { Ended } from '../../support/program.js';
import { averages, expectClose, table } from './averages.js';

type Row = Record<string, unknown>;

const rows = table(500);

function arrowTable(of: typeof rows): Table {
  const column = <K extends keyof (typeof rows)[number]>(name: K) => of.map((row) => row[name]);
  return new Table({
    step: vectorFromArray(column('step'), new Int32()),
    loss: vectorFromArray(column('loss'), new Float64()),
    accuracy: vectorFromArray(column('accuracy'), new Float64()),
    phase: vectorFromArray(column('phase'), new Dictionary(new Utf8(), new Int32())),
  });
}

function nanoseconds(...stamps: bigint[]): Vector<TimestampNanosecond> {
  const type = new TimestampNanosecond();
  return makeVector(makeData({ type, length: stamps.length, data: BigInt64Array.from(stamps) }));
}

/** Files with the same table, by extension. */
const WRITE: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
  csv: (path) => writeFileSync(path, papaparse.unparse(rows, { newline: '\n' })),
  tsv: (path) => writeFileSync(path, papaparse.unparse(rows, { newline: '\n', delimiter: '\t' })),
  jsonl: (path) => writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
  arrow: (path) => writeFileSync(path, tableToIPC(arrowTable(rows), 'file')),
  parquet: async (path) => void (await lastValueFrom(of(arrowTable(rows).batches[0]!).pipe(writeParquet(path)))),
};

/** What is in a file, by extension. */
const READ: Readonly<Record<string, (path: string) => Promise<Row[]> | Row[]>> = {
  csv: (path) =>
    papaparse.parse<Row>(readFileSync(path, 'utf8'), { header: true, dynamicTyping: true, skipEmptyLines: true }).data,
  tsv: (path) =>
    papaparse.parse<Row>(readFileSync(path, 'utf8'), {
      header: true,
      dynamicTyping: true,
      skipEmptyLines: true,
      delimiter: '\t',
    }).data,
  jsonl: (path) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row),
  arrow: (path) =>
    tableFromIPC(readFileSync(path))
      .toArray()
      .map((row: Row) => ({ ...row })),
  parquet: async (path) => parquetReadObjects({ file: await asyncBufferFromFile(path), compressors }),
};

const FORMATS = Object.keys(WRITE);
const PAIRS = FORMATS.flatMap((from) => FORMATS.map((to) => [from, to] as const));

let rxEma: PackedCommand;

async function smoothJson(text: string, ...args: string[]): Promise<Ended> {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'run.jsonl'), text);
  return rxEma.run(['smooth', 'run.jsonl', '--decay', '0.5', ...args], folder);
}

describeWith(registry, 'rx-ema smooth, from format to format', () => {
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  it.each(PAIRS)('from %s to %s gives the averages of emaScan, and all else as it was', async (from, to) => {
    const folder = emptyFolder();
    await WRITE[from]!(join(folder, `run.${from}`));
    const args = ['smooth', `run.${from}`, '-o', `out.${to}`, '--half-life', '7'];
    const { code, stderr } = await rxEma.run(args, folder);
    expect([code, stderr]).toEqual([0, 'rx-ema: smoothing loss, accuracy (half-life 7 rows); not step\n']);
    const out = await READ[to]!(join(folder, `out.${to}`));
    expectClose(out, await averages(rows, { halfLife: 7, columns: ['loss', 'accuracy'] }));
  });

  it.each(PAIRS)('from %s to %s puts columns behind with --append', async (from, to) => {
    const folder = emptyFolder();
    await WRITE[from]!(join(folder, `run.${from}`));
    const args = [
      'smooth',
      `run.${from}`,
      '-o',
      `out.${to}`,
      '--columns',
      'loss',
      '--append',
      '--by',
      'phase',
      '--raw',
    ];
    expect(await rxEma.run(args, folder)).toMatchObject({ code: 0 });
    const smoothed = await averages(rows, { halfLife: 50, columns: ['loss'], by: 'phase' }, true);
    const expected = rows.map((row, i) => ({ ...row, loss_ema: smoothed[i]!.loss }));
    expectClose(await READ[to]!(join(folder, `out.${to}`)), expected);
  });

  describe('of Arrow', () => {
    it('keeps types, and smooths integers only where they are named, as doubles', async () => {
      const folder = emptyFolder();
      const columns = {
        n: vectorFromArray([1, 2, 4], new Int32()),
        x: vectorFromArray([4, 2, 1], new Float32()),
        at: nanoseconds(0n, 1_000_000_001n, 2_000_000_002n),
      };
      writeFileSync(join(folder, 'a.arrow'), tableToIPC(new Table(columns), 'stream'));
      const types = async (...flags: string[]): Promise<string[]> => {
        expect(await rxEma.run(['smooth', 'a.arrow', '-o', 'b.arrow', ...flags], folder)).toMatchObject({ code: 0 });
        return tableFromIPC(readFileSync(join(folder, 'b.arrow'))).schema.fields.map((field) => String(field));
      };
      expect(await types()).toEqual(['n: Int32', 'x: Float32', 'at: Timestamp<NANOSECOND>']);
      expect(await types('--columns', 'n')).toEqual(['n: Float64', 'x: Float32', 'at: Timestamp<NANOSECOND>']);
      expect(await types('--half-life-ms', '1000', '--time', 'at')).toHaveLength(3);
    });

    it('writes times to CSV with all their digits', async () => {
      const folder = emptyFolder();
      const at = nanoseconds(1_700_000_000_123_456_789n);
      writeFileSync(join(folder, 'a.arrow'), tableToIPC(new Table({ at, x: vectorFromArray([1], new Float64()) })));
      const { stdout } = await rxEma.run(['smooth', 'a.arrow', '--to', 'csv'], folder);
      expect(stdout).toBe('at,x\n2023-11-14T22:13:20.123456789,1\n');
    });

    it('goes through a pipe as a stream', async () => {
      const folder = emptyFolder();
      await WRITE['csv']!(join(folder, 'run.csv'));
      const script =
        'rx-ema smooth run.csv --to arrow --alpha 1 | rx-ema smooth - --from arrow --to csv --alpha 1 --columns loss';
      const { stdout } = await rxEma.shell(script, folder);
      expect(papaparse.parse<Row>(stdout, { header: true, dynamicTyping: true, skipEmptyLines: true }).data).toEqual(
        rows,
      );
    });
  });

  describe('of JSON lines', () => {
    it('leaves other fields and their order as they are, and takes up what comes late', async () => {
      const text = '{"step":1,"tags":["a",{"b":null}],"loss":4}\n\n{"loss":2,"step":2,"val":1}\n{"step":3}';
      expect((await smoothJson(text)).stdout).toBe(
        `{"step":1,"tags":["a",{"b":null}],"loss":4}\n{"loss":${4 + (2 / 3) * (2 - 4)},"step":2,"val":1}\n{"step":3}\n`,
      );
    });

    it('reads NaN as Python writes it, and writes null', async () => {
      expect((await smoothJson('{"loss":NaN}\n{"loss":4}\n')).stdout).toBe('{"loss":null}\n{"loss":4}\n');
    });

    it('reads NaN and infinities as text, too, also where a column begins with them, and leaves them as they are', async () => {
      const text = '{"loss":"NaN","acc":1}\n{"loss":4,"acc":"-inf"}\n';
      const { stdout } = await smoothJson(text, '--append');
      expect(stdout).toBe(
        '{"loss":"NaN","acc":1,"loss_ema":null,"acc_ema":1}\n{"loss":4,"acc":"-inf","loss_ema":4,"acc_ema":null}\n',
      );
      expect((await smoothJson(text)).stdout).toBe(text);
      expect((await smoothJson(text, '--append', '--to', 'csv')).stdout).toBe(
        'loss,acc,loss_ema,acc_ema\nNaN,1,NaN,1\n4,-Infinity,4,-Infinity\n',
      );
    });

    it('says where something is wrong', async () => {
      const broken = await smoothJson('{"loss":1}\n{"loss":');
      expect([broken.code, broken.stderr]).toEqual([
        1,
        expect.stringMatching(/\nrx-ema: 'run\.jsonl' line 2, character \d+: must be JSON/),
      ]);
      const text = await smoothJson('{"loss":1}\n{"loss":"x"}');
      const sentence = "'run.jsonl' line 2, field 'loss': must be a number as in the lines before, got 'x'";
      expect([text.code, text.stderr]).toEqual([1, expect.stringContaining(sentence)]);
      const key = await smoothJson('{"loss":1,"run":2}', '--by', 'runs');
      expect([key.code, key.stderr]).toEqual([2, expect.stringContaining("got 'runs': did you mean 'run'?")]);
      const column = await smoothJson('{"loss":1}', '--columns', 'lost');
      expect([column.code, column.stderr]).toEqual([2, expect.stringContaining("got 'lost': did you mean 'loss'?")]);
    });

    it('makes a table of what comes late, too', async () => {
      const head = '{"a":0.5}\n'.repeat(60_000);
      const { code, stdout } = await smoothJson(
        `${head}{"a":2,"b":true,"c":"x"}\n`,
        '--to',
        'csv',
        '--columns',
        'a',
        '--raw',
      );
      const lines = stdout.split('\n');
      expect([code, lines[0], lines[1], lines.at(-2)]).toEqual([0, 'a,b,c', '0.25,,', '1.25,true,x']);
    });
  });
});
