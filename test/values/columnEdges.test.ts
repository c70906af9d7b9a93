import { Float64, RecordBatch, Table, TimestampMillisecond, vectorFromArray, type Vector } from 'apache-arrow';
import { Ema, emaScan, ewm, type EmaOptions } from 'rx-ema';
import { from, lastValueFrom, toArray, type OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { pieceOf } from '../../src/kernels/momentRows.js';

type Cells = readonly (number | null)[];

const doubles = (cells: Cells): Vector => vectorFromArray(cells, new Float64());
const stamps = (ms: readonly number[]): Vector =>
  vectorFromArray(
    ms.map((one) => BigInt(one)),
    new TimestampMillisecond(),
  );
const batch = (columns: Readonly<Record<string, Vector>>): RecordBatch => new Table(columns).batches[0]!;

async function column(
  operator: OperatorFunction<RecordBatch, RecordBatch>,
  name: string,
  ...batches: readonly RecordBatch[]
): Promise<(number | null)[]> {
  const out = await lastValueFrom(from(batches).pipe(operator, toArray()));
  return out.flatMap((one) => [...(one.getChild(name) as Iterable<number | null>)]);
}

describe('a value that is not finite, before a pause that leaves nothing', () => {
  const early = [0, 100, 200];
  const late = [300, 400, 500, 36_000_500, 36_000_600];

  it.each([
    ['sample', 'skip', [10, NaN, 20, 5, 6]],
    ['sample', 'carry', [10, NaN, 20, 5, 6]],
    ['next', 'skip', [10, Infinity, 20, 5, 6]],
    ['next', 'skip', [1e308, -1e308, 1e308, 5, 6]],
  ] as const)('leaves the others as they are: %s, %s, %j', async (hold, missing, x) => {
    const options = { halfLifeMs: 1000, time: 'at', hold, missing, columns: ['x'] };
    const got = await column(
      emaScan<RecordBatch>(options as EmaOptions<RecordBatch>),
      'x',
      batch({ at: stamps(early), x: doubles([1, 1, 1]) }),
      batch({ at: stamps(late), x: doubles(x) }),
    );
    const ema = new Ema<{ at: number; x: number }>(options as EmaOptions<{ at: number; x: number }>);
    const rows = [...early, ...late].map((at, i) => ({ at, x: [1, 1, 1, ...x][i]! }));
    const want = rows.map((row) => ema.update(row).x);
    expect(got).toHaveLength(want.length);
    got.forEach((value, i) => {
      if (Number.isFinite(want[i])) expect(value).toBeCloseTo(want[i]!, 12);
      else expect(value).toBe(want[i]);
    });
  });
});

it('a row that comes too late lets no NaN of the other column into a covariance', async () => {
  const [at, x, y] = [
    [0, 1000, 2000, 1500, 3000, 4000],
    [1, 2, 3, 4, 5, 7],
    [2, 4, NaN, 3, 1, 2],
  ] as const;
  const options = { halfLifeMs: 1000, time: 'at', late: 'skip' } as const;
  const got = await column(
    ewm<RecordBatch>(options).cov('x', 'y'),
    'x_y_cov',
    batch({ at: stamps(at), x: doubles(x), y: doubles(y) }),
  );
  const rows = at.map((one, i) => ({ at: one, x: x[i]!, y: y[i]! }));
  const want = await lastValueFrom(
    from(rows).pipe(ewm<{ at: number; x: number; y: number }>(options).cov('x', 'y'), toArray()),
  );
  expect(want.slice(4).every(Number.isFinite)).toBe(true);
  expect(got.slice(4)).toEqual(want.slice(4));
});

it('a start value is not carried before anything has come out', async () => {
  const start = { value: batch({ x: doubles([7]) }) };
  const smooth = emaScan<RecordBatch>({ alpha: 0.5, start, missing: 'carry' });
  expect(await column(smooth, 'x', batch({ x: doubles([null, null, 3]) }))).toEqual([null, null, 5]);
});

it('null slots hold zeros, not what was in memory', async () => {
  const cells = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 1 : null));
  for (let round = 0; round < 20; round++) {
    Buffer.allocUnsafeSlow(16_000).fill(65 + round);
    const out = await lastValueFrom(from([batch({ x: doubles(cells) })]).pipe(emaScan({ decay: 0, ages: true })));
    const { values } = out.data.children[0]!;
    expect(cells.every((cell, i) => cell !== null || values[i] === 0)).toBe(true);
  }
});

it('a correlation with what has become constant is "not yet", whatever the batches', async () => {
  const x = Array.from({ length: 4000 }, (_, i) => (i < 10 ? Math.sin(i * 7) : 2));
  const y = x.map((_, i) => Math.cos(i * i));
  const rowByRow = x.map((one, i) => batch({ x: doubles([one]), y: doubles([y[i]!]) }));
  const family = ewm<RecordBatch>({ alpha: 0.5 });
  const whole = await column(family.corr('x', 'y'), 'x_y_corr', batch({ x: doubles(x), y: doubles(y) }));
  const single = await column(family.corr('x', 'y'), 'x_y_corr', ...rowByRow);
  expect(whole.map((value) => value === null)).toEqual(single.map((value) => value === null));
  expect(whole.filter((value) => Number.isNaN(value))).toEqual([]);
});

it('rows are taken so many at a time, at any decay', () => {
  for (let alpha = 0.5; alpha > 1e-17; alpha /= 1.7) {
    const piece = pieceOf(1 - alpha);
    expect(piece >= 32 && piece <= 256 && piece % 4 === 0, `${alpha}: ${piece}`).toBe(true);
  }
});

it('each subscription asks the clock anew, though one operator serves them', () => {
  const smooth = emaScan({ halfLifeMs: 10, hold: 'next' });
  for (let round = 0; round < 2; round++) {
    new TestScheduler((got, want) => expect(got).toEqual(want)).run(({ hot, expectObservable }) => {
      const source = hot<number>('a---------b---------c|', { a: 1, b: 5, c: 9 });
      expectObservable(source.pipe(smooth)).toBe('a---------b---------c|', { a: 1, b: 3, c: 6 });
    });
  }
});

it.each([NaN, undefined, '12'])('a clock that gives %s is refused', (now) => {
  const ema = new Ema({ halfLifeMs: 10, clock: { now: () => now as number } });
  expect(() => ema.update(1)).toThrow('time must give a stamp in ms or a Date');
});
