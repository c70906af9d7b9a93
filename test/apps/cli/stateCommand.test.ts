import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampNanosecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { Ema, EwmState, ModelEma, toBytes, type EmaOptions, type Snapshot } from 'rx-ema';
import { beforeAll, expect, it } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import type { Ended } from '../../support/program.js';

interface Row {
  readonly at: number;
  readonly device: string | null;
  readonly celsius: number | null;
  readonly watts: number;
}
const OPTIONS: EmaOptions<Row> = {
  halfLifeMs: 1000,
  time: 'at',
  by: 'device',
  columns: ['celsius', 'watts'],
  late: 'skip',
};
const AT = Date.UTC(2026, 10, 26, 12);

/** Three devices, of which one is at fault, and a row that comes late. */
function devices(): Ema<Row> {
  const ema = new Ema(OPTIONS);
  ema.update({ at: AT, device: 'hall 7', celsius: 20, watts: 100 });
  ema.update({ at: AT + 1000, device: 'hall 7', celsius: 23, watts: 100 });
  ema.update({ at: AT + 5, device: 'yard\n', celsius: null, watts: 7 });
  ema.update({ at: AT, device: 'hall 7', celsius: 99, watts: 99 });
  ema.update({ at: AT, device: null, celsius: 1 / 3, watts: 0 });
  return ema;
}

describeWith(registry, 'rx-ema state', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  /** Of a snapshot in `s.bin`. */
  async function run(snapshot: Snapshot, ...args: string[]): Promise<Ended> {
    const folder = emptyFolder();
    writeFileSync(join(folder, 's.bin'), toBytes(snapshot));
    return rxEma.run(['state', 's.bin', ...args], folder);
  }
  async function printed(snapshot: Snapshot, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(snapshot, ...args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  }
  const records = async (snapshot: Snapshot, ...args: string[]): Promise<unknown[]> =>
    (await printed(snapshot, '--json', ...args)).trimEnd().split('\n').map((line): unknown => JSON.parse(line)); // prettier-ignore

  it('says what it is, under which options, and what it keeps of each key', async () => {
    expect((await printed(devices().snapshot())).split('\n')).toEqual([
      's.bin: an Ema of records',
      'half-life 1000 ms, keys by device, stamps by at',
      'seen 5, late 1, dropped 0',
      'columns: celsius, watts',
      '3 keys',
      '',
      'key     step  weight  newest stamp              celsius    watts',
      'hall 7  2     1.5     2026-11-26T12:00:01.000Z  22         100',
      'yard\\n  1     0 – 1   2026-11-26T12:00:00.005Z  -          7',
      'null    1     1       2026-11-26T12:00:00.000Z  0.3333333  0',
      '',
    ]);
  });

  it('has a line of JSON for each key, of all digits', async () => {
    expect(await records(devices().snapshot())).toEqual([
      {
        key: 'hall 7',
        step: 2,
        weight: { celsius: 1.5, watts: 1.5 },
        newest: '2026-11-26T12:00:01.000Z',
        average: { celsius: 22, watts: 100 },
      },
      {
        key: 'yard\n',
        step: 1,
        weight: { celsius: 0, watts: 1 },
        newest: '2026-11-26T12:00:00.005Z',
        average: { celsius: null, watts: 7 },
      },
      {
        key: null,
        step: 1,
        weight: { celsius: 1, watts: 1 },
        newest: '2026-11-26T12:00:00.000Z',
        average: { celsius: 1 / 3, watts: 0 },
      },
    ]);
  });

  it('shows one key, or so many', async () => {
    const snapshot = devices().snapshot();
    expect(await records(snapshot, '--key', 'null')).toMatchObject([{ key: null }]);
    expect(await records(snapshot, '--limit', '2')).toMatchObject([{ key: 'hall 7' }, { key: 'yard\n' }]);
    const page = await printed(snapshot, '--limit', '1');
    expect(page.split('\n').slice(-3)).toEqual([
      expect.stringMatching(/^hall 7 /),
      '… and 2 more: --limit, --json',
      '',
    ]);
    const many = new Ema<Row>({ ...OPTIONS, by: 'at', columns: ['watts'] });
    for (let at = 1; at <= 21; at++) many.update({ at, device: null, celsius: null, watts: at });
    expect(await printed(many.snapshot())).toMatch(/\n20 .*\n… and 1 more: --limit, --json\n$/);
    expect(await records(many.snapshot())).toHaveLength(21);
  });

  it('takes keys of several fields apart', async () => {
    const ema = new Ema<Record<string, unknown>>({ decay: 0.9, by: ['a', 'b'], columns: ['x'] });
    for (const b of [1, 2n ** 60n, true, null, '1']) ema.update({ a: 'p', b, x: 1 });
    expect(await records(ema.snapshot())).toMatchObject(
      [1, '1152921504606846976', true, null, '1'].map((b) => ({ key: ['p', b] })),
    );
    expect(await printed(ema.snapshot(), '--key', 'p,true')).toContain('\np,true  1     0.1     1\n');
  });

  it('reads statistics as they came out last', async () => {
    const rows = [1, 4].map((x) => ({ x, y: x * x }));
    const stateOf = (statistic: object): Snapshot => {
      const state = new EwmState<{ x: number; y: number }>({ alpha: 0.5, columns: ['x'] }, statistic as never);
      for (const row of rows) state.update(row);
      return state.snapshot();
    };
    expect(await records(stateOf({ stat: 'var' }))).toEqual([{ step: 2, weight: { x: 1.5 }, var: { x: 4.5 } }]);
    expect(await records(stateOf({ stat: 'sum' }))).toEqual([{ step: 2, sum: { x: 4.5 } }]);
    const [bands] = (await records(stateOf({ stat: 'bands' }))) as { mean: { x: number }; std: { x: number } }[];
    expect([bands!.mean.x, bands!.std.x]).toEqual([3, expect.closeTo(Math.sqrt(4.5), 14)]);
    expect(await records(stateOf({ stat: 'corr', x: 'x', y: 'y' }))).toEqual([{ step: 2, weight: 1.5, corr: expect.closeTo(1, 14) }]); // prettier-ignore
    expect(await printed(stateOf({ stat: 'cov', x: 'x', y: 'y' }))).toMatch(
      /^s\.bin: an EwmState \(cov\) of records\nalpha 0\.5, of x and y\nseen 2\n\nstep  weight  cov\n2 +1\.5 +22\.5\n$/,
    );
  });

  it('reads the stamps of batches in their unit', async () => {
    const children = [
      vectorFromArray(['a', 'b'], new Utf8()).data[0]!,
      makeData({
        type: new TimestampNanosecond(),
        length: 2,
        data: BigInt64Array.of(1_700_000_000_123_456_789n, 1n),
      }),
      vectorFromArray([1, 2], new Float64()).data[0]!,
    ];
    const fields = ['key', 'at', 'x'].map((name, i) => new Field(name, children[i]!.type, true));
    const data = makeData({ type: new Struct(fields), length: 2, nullCount: 0, children });
    const ema = new Ema<RecordBatch>({ tauMs: 5, time: 'at', by: 'key' });
    ema.update(new RecordBatch(new Schema(fields), data));
    expect(await records(ema.snapshot())).toMatchObject([
      { key: 'a', newest: '2023-11-14T22:13:20.123456789Z', average: { x: 1 } },
      { key: 'b', newest: '1970-01-01T00:00:00.000000001Z', average: { x: 2 } },
    ]);
  });

  it('reads states without keys: of numbers, of arrays, of nothing yet', async () => {
    const ema = new Ema({ alpha: 0.5 });
    const nothing = await printed(ema.snapshot());
    expect(nothing).toBe('s.bin: an Ema, to which nothing has come\nalpha 0.5\nseen 0\n');
    expect(await printed(ema.snapshot(), '--json')).toBe('');
    for (const x of [1, 4]) ema.update(x);
    expect(await records(ema.snapshot())).toEqual([{ step: 2, weight: 0.75, average: 3 }]);
    const arrays = new Ema<Float32Array>({ alpha: 0.5 });
    arrays.update(Float32Array.of(1, NaN));
    expect(await records(arrays.snapshot())).toEqual([
      { step: 1, weight: [0.5, 0], type: 'Float32Array', shape: [2], average: [1, null] },
    ]);
  });

  it('reads a ModelEma: its weights, and how large they are', async () => {
    const ema = new ModelEma<Float32Array | Int32Array>({ decay: 0.5 });
    for (const x of [3, 3]) ema.update({ kernel: Float32Array.of(x, 4), steps: Int32Array.of(7) });
    expect(await printed(ema.snapshot())).toContain(
      'a ModelEma\ndecay 0.5\nupdates 1, refused 0\n2 weights\n\nweight ',
    );
    expect(await records(ema.snapshot(), '--key', 'kernel')).toEqual([
      { name: 'kernel', rule: 'average', type: 'Float32Array', shape: [2], norm: 5 },
    ]);
  });

  it('ends without a word where nobody reads on', async () => {
    const many = new Ema<Row>({ ...OPTIONS, by: 'at', columns: ['watts'] });
    for (let at = 1; at <= 20_000; at++) many.update({ at, device: null, celsius: null, watts: at });
    const folder = emptyFolder();
    writeFileSync(join(folder, 's.bin'), toBytes(many.snapshot()));
    const { stdout, stderr } = await rxEma.shell(
      '(rx-ema state s.bin --json; echo $? >code) | head -1; cat code',
      folder,
    );
    expect([stdout.split('\n').slice(1), stderr]).toEqual([['0', ''], '']);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    [
      'cut short',
      (bytes) => bytes.subarray(0, -1),
      /^rx-ema: 's\.bin': a snapshot must have the length that it says, .*\n$/,
    ],
    [
      'damaged',
      (bytes) => bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
      /^rx-ema: 's\.bin': a snapshot must have the bytes that were saved, .*\n$/,
    ],
    ['something else', () => Buffer.from('{}'), /^rx-ema: 's\.bin': a snapshot must have at least 24 bytes, got 2\n$/],
  ])('ends with 1 for a file that is %s, and says which', async (_, broken, line) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 's.bin'), broken(toBytes(devices().snapshot())));
    const { code, stdout, stderr } = await rxEma.run(['state', 's.bin'], folder);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(line)]);
    expect(readFileSync(join(folder, 's.bin')).length).toBeGreaterThan(0);
  });

  it('ends with 1 for a state that is not whole, and for a file that is not there', async () => {
    const snapshot = devices().snapshot();
    const { code, stderr } = await run({ ...snapshot, shadows: { ...snapshot.shadows, y: Float64Array.of(1) } });
    expect([code, stderr]).toEqual([
      1,
      "rx-ema: 's.bin': the snapshot must be whole, got Float64Array of 1 for 'y', where Float64Array of 6 belongs\n",
    ]);
    const absent = await rxEma.run(['state', 'absent.bin'], emptyFolder());
    expect([absent.code, absent.stderr]).toEqual([1, expect.stringMatching(/'absent\.bin' must be a file .* ENOENT/)]);
  });

  it.each<[string[], string]>([
    [['--limit', '0'], '--limit must be an integer >= 1, got 0'],
    [['--limit', '1.5'], '--limit must be an integer >= 1, got 1.5'],
    [['--key', 'hal 7'], "--key must be one of the 3 keys in the file (hall 7, yard , null), got 'hal 7': did you mean 'hall 7'?"], // prettier-ignore
  ])('ends with 2 for %j, and one line', async (args, line) => {
    const { code, stdout, stderr } = await run(devices().snapshot(), ...args);
    expect([code, stdout, stderr]).toEqual([2, '', `rx-ema: ${line}\n`]);
  });

  it('ends with 2 for a key of a state that has none', async () => {
    const { code, stderr } = await run(new Ema({ alpha: 0.5 }).snapshot(), '--key', 'a');
    expect([code, stderr]).toEqual([2, "rx-ema: --key must come with a state that has keys, got 'a'\n"]);
  });
});
