import * as fc from 'fast-check';
import { Ema, mergeSnapshots, ModelEma, rampDecay, toBytes, type Snapshot } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { holds } from '../holds.js';
import { refusal } from '../refusal.js';
import { directSums } from '../support/directSums.js';
import {
  ema,
  ewm,
  heavyArb,
  looseArb,
  merged,
  mergesLikeOneRun,
  numbersArb,
  partsOf,
  rowsArb,
  run,
  STATISTICS,
  unlike,
  type Make,
  type Options,
  type Row,
} from '../support/merging.js';

const RATES: readonly Options[] = [{ decay: 0.5 }, { span: 20 }, { halfLife: 3 }, { alpha: 0.01 }];

describe('an Ema of numbers', () => {
  const options = [{}, { ages: true }, { missing: 'carry' }, { missing: 'carry', ages: true }];
  it.each(options.flatMap((own) => (['raw', 'corrected'] as const).map((readout) => [own, readout] as const)))(
    'under %o, read %s, merges like one run',
    (own, readout) => {
      for (const rate of RATES) mergesLikeOneRun(ema({ ...rate, ...own }, readout), numbersArb);
    },
  );

  it('that remembers nothing merges like one run', () => {
    for (const readout of ['raw', 'corrected'] as const) {
      mergesLikeOneRun(ema({ alpha: 1, missing: 'carry' }, readout), numbersArb);
    }
  });
});

describe('an Ema of records', () => {
  const columns = ['x', 'y'];
  it.each<[string, Options]>([
    ['no gaps age', {}],
    ['gaps age', { ages: true }],
    ['columns are named', { columns, ages: true, missing: 'carry' }],
    ['samples have weights', { columns, weight: 'n' }],
    ['samples have weights and gaps age', { columns, weight: 'n', ages: true }],
    ['there are keys', { columns, by: 'key', missing: 'carry' }],
    ['there are keys and gaps age', { by: 'key', ages: true, missing: 'carry', weight: 'n', columns }],
  ])('merges like one run where %s', (_, own) => {
    for (const readout of ['raw', 'corrected'] as const) {
      mergesLikeOneRun(ema({ halfLife: 2.7, ...own }, readout), readout === 'raw' ? heavyArb : looseArb);
    }
  });

  it.each<Options>([{}, { by: 'key' }, { weight: 'n' }])('merges like one run by the clock, %o', (own) => {
    const options = { halfLifeMs: 50, time: 'at', columns, ...own };
    mergesLikeOneRun(ema(options), rowsArb);
    mergesLikeOneRun(ema({ ...options, missing: 'carry' }), rowsArb);
  });
});

describe.each(STATISTICS.map((statistic) => [Object.values(statistic).join(' '), statistic] as const))(
  'an EwmState of %s',
  (_, statistic) => {
    // a standard deviation that is rounding alone comes out as its square root
    const tolerance = statistic['stat'] === 'std' || statistic['stat'] === 'bands' ? 1e-7 : 1e-11;
    const columns = statistic['x'] === undefined ? { columns: ['x', 'y'] } : {};

    it.each<Options>([{}, { ignoreNa: true }, { minPeriods: 4 }, { missing: 'skip' }])(
      'merges like one run under %o',
      (own) => {
        for (const rate of [{ alpha: 0.5 }, { span: 20 }, { alpha: 1 }]) {
          const rows = 'alpha' in rate && rate.alpha === 1 ? heavyArb : looseArb;
          mergesLikeOneRun(ewm({ ...rate, ...own }, statistic), rows, { tolerance, runs: 60 });
          mergesLikeOneRun(ewm({ ...rate, ...own, by: 'key', weight: 'n', ...columns }, statistic), rows, {
            tolerance,
            runs: 60,
          });
        }
        if (statistic['x'] === undefined) {
          mergesLikeOneRun(ewm({ halfLife: 2, ...own }, statistic), numbersArb, { tolerance, runs: 60 });
        }
      },
    );

    it.each<Options>([{}, { by: 'key' }, { weight: 'n' }])('merges like one run by the clock, %o', (own) => {
      mergesLikeOneRun(ewm({ halfLifeMs: 50, time: 'at', ...columns, ...own }, statistic), rowsArb, {
        tolerance,
        runs: 60,
      });
    });
  },
);

describe('by the clock', () => {
  const options = { halfLifeMs: 50, time: 'at', columns: ['x'] };
  const makers: readonly [string, Make][] = [
    ['an Ema', ema(options)],
    ['an Ema with keys', ema({ ...options, by: 'key', weight: 'n' })],
    ...STATISTICS.filter((statistic) => statistic['x'] === undefined).map((statistic): [string, Make] => [
      `an EwmState of ${Object.values(statistic).join(' ')}`,
      ewm({ ...options, by: 'key' }, statistic),
    ]),
  ];

  it.each(makers)('%s merges parts that lie between one another, in any order', (_, make) => {
    holds(
      fc.property(rowsArb, fc.array(fc.nat(3), { minLength: 24, maxLength: 24 }), (rows, owners) => {
        const parts = [2, 0, 3, 1].map((owner) => rows.filter((_row, i) => owners[i] === owner));
        const later = rows.map((row) => ({ ...row, at: row.at + 30_000 }));
        const through = run(make, later, run(make, rows).engine.snapshot());
        const again = run(make, later, merged(make, parts, 'left'));
        // a value that was not yet is read once all have come: the newest row may not have been a value
        expect(unlike(again.out, through.out, 1e-7)).toBeNull();
        expect([again.engine.step, again.engine.seen]).toEqual([through.engine.step, through.engine.seen]);
      }),
      60,
    );
  });

  it('counts what was late, and a half that is earlier is not', () => {
    const make = ema({ ...options, late: 'skip' });
    const at = (...stamps: number[]) => run(make, stamps.map((one) => ({ at: one, x: one }))).engine.snapshot(); // prettier-ignore
    const both = make(mergeSnapshots(at(500, 600, 550), at(0, 100, 50)));
    expect([both.late, both.seen, both.step]).toEqual([2, 6, 4]);
    expect(both.get()).toEqual({ x: expect.closeTo((make(at(0, 100, 500, 600)).get() as { x: number }).x, 9) });
  });
});

const gaps = (n: number): null[] => Array.from({ length: n }, () => null);

describe('what rests on little', () => {
  const halves: readonly [string, readonly (readonly (number | null)[])[]][] = [
    [
      'begins with a gap of 2000',
      [
        [1, 4],
        [...gaps(2000), 5],
      ],
    ],
    [
      'ends with a gap of 500',
      [
        [1, 4],
        [5, 2, ...gaps(500)],
      ],
    ],
    ['is a gap of 500', [[1], [5], gaps(500), [3]]],
    ['lies between gaps of 500', [[1, ...gaps(500)], [...gaps(500), 5, ...gaps(500)], [7]]],
    ['begins the stream with gaps', [gaps(3), [null, 1], [null, 5, null]]],
    ['has no value', [[1, 5], gaps(3), gaps(2)]],
    ['is empty', [[], [1, 5], [], [2], []]],
  ];
  const statistics = STATISTICS.filter((statistic) => statistic['x'] === undefined).map((one) =>
    ewm({ alpha: 0.5 }, one),
  );

  it('a statistic that ends with a gap of 5000 merges like one run', () => {
    for (const make of statistics) {
      for (const parts of [
        [
          [1, 4],
          [5, 2, ...gaps(5000)],
        ],
        [[1], [5, ...gaps(5000)], gaps(3000)],
        [[4], [1, ...gaps(5000), 5, ...gaps(5000)], [7]],
      ]) {
        const want = run(make, parts.flat()).engine.get();
        for (const fold of ['left', 'right'] as const) {
          expect(unlike(make(merged(make, parts, fold)).get(), want, 1e-12)).toBeNull();
        }
      }
    }
  });

  it.each(halves)('merges like one run where a part %s', (_, parts) => {
    const makers = [
      ...statistics,
      ema({ alpha: 0.5, ages: true, missing: 'carry' }, 'raw'),
      ema({ alpha: 0.5, ages: true }),
      ema({ alpha: 0.5 }, 'raw'),
    ];
    const rest = [6, null, 2];
    for (const make of makers) {
      const { engine } = run(make, parts.flat());
      const last = engine.get();
      const want = rest.map((value) => engine.update(value));
      for (const fold of ['left', 'right'] as const) {
        const again = make(merged(make, parts, fold));
        expect(unlike(again.get(), last, 1e-12)).toBeNull();
        expect(unlike(rest.map((value) => again.update(value)), want, 1e-12)).toBeNull(); // prettier-ignore
      }
    }
  });

  it('an empty half on either side changes nothing', () => {
    const rows: Row[] = [3, null, 5, 4].map((x, i) => ({ x, y: i, key: i % 2 === 0 ? 'a' : null, n: 1, at: i * 9 }));
    const all = [{}, { by: 'key' }, { weight: 'n' }].flatMap((own) => [
      ema({ decay: 0.9, ages: true, columns: ['x'], ...own }, 'raw'),
      ema({ halfLifeMs: 9, time: 'at', columns: ['x'], ...own }),
      ...STATISTICS.map((statistic) => ewm({ span: 3, ...own }, statistic)),
      ...STATISTICS.map((statistic) => ewm({ tauMs: 9, time: 'at', ...own }, statistic)),
    ]);
    for (const make of all) {
      const snapshot = run(make, rows).engine.snapshot();
      expect(mergeSnapshots(make().snapshot(), snapshot)).toEqual(snapshot);
      expect(mergeSnapshots(snapshot, make().snapshot())).toEqual(snapshot);
      expect(mergeSnapshots(make().snapshot(), make().snapshot())).toEqual(make().snapshot());
    }
  });

  it('a constant stays exactly constant', () => {
    for (const make of [ema({ decay: 0.9 }), ema({ decay: 0.9, ages: true }), ewm({ span: 9 }, { stat: 'mean' })]) {
      const parts = [
        [0.1, 0.1],
        [null, 0.1],
        [0.1, 0.1, 0.1],
      ];
      expect(make(merged(make, parts, 'left')).get()).toBe(0.1);
      expect(make(merged(make, parts, 'right')).get()).toBe(0.1);
    }
    const variance = ewm({ span: 9 }, { stat: 'var' });
    expect(variance(merged(variance, [[0.1], [0.1, 0.1]], 'left')).get()).toBe(0);
  });
});

describe('at an offset of 1e9', () => {
  const xs = Array.from({ length: 60 }, (_, i) => 1e9 + ((i * 37) % 23) / 8);
  const parts = partsOf(xs, [7, 8, 30]);

  it.each(['mean', 'var', 'std'] as const)('%s is as exact as the sums written out', (stat) => {
    const make = ewm({ alpha: 0.1 }, { stat });
    const want = directSums(stat, xs.map((x) => ({ x })), { alpha: 0.1 }).at(-1)!; // prettier-ignore
    for (const fold of ['left', 'right'] as const) {
      const got = make(merged(make, parts, fold)).get() as number;
      expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-13 * want);
    }
  });

  it.each(['cov', 'corr'] as const)('%s too', (stat) => {
    const rows = xs.map((x, i) => ({ x, y: 1e9 - x + (i % 3) }));
    const make = ewm({ alpha: 0.1 }, { stat, x: 'x', y: 'y' });
    const want = directSums(stat, rows, { alpha: 0.1 }).at(-1)!;
    const got = make(merged(make, partsOf(rows, [7, 8, 30]), 'right')).get() as number;
    expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-12 * Math.abs(want));
  });
});

it('merges associatively, inside a stream with keys, weights and gaps', () => {
  const make = ewm({ span: 4, by: 'key', weight: 'n' }, { stat: 'var' });
  holds(
    fc.property(rowsArb, rowsArb, rowsArb, (a, b, c) => {
      const [x, y, z] = [a, b, c].map((rows) => run(make, rows).engine.snapshot()) as [Snapshot, Snapshot, Snapshot];
      const left = mergeSnapshots(mergeSnapshots(x, y), z);
      expect(unlike(left, mergeSnapshots(x, mergeSnapshots(y, z)), 1e-11)).toBeNull();
    }),
    100,
  );
});

it('get() and what is carried are those of the readout that came last', () => {
  for (const readout of ['raw', 'corrected'] as const) {
    for (const ages of [true, false]) {
      const make = ema({ decay: 0.9, missing: 'carry', ages }, readout);
      const through = run(make, [3, null, 5, 4, null, null]).engine;
      const again = make(
        merged(
          make,
          [
            [3, null],
            [5, 4, null, null],
          ],
          'left',
        ),
      );
      expect(again.get()).toBeCloseTo(through.get() as number, 14);
      expect(again.update(null)).toBeCloseTo(through.get() as number, 14);
    }
  }
});

it('leaves what it is given as it was, and gives memory of its own', () => {
  const make = ema({ decay: 0.5, by: 'key', columns: ['x'] });
  const rows = [{ x: 1, key: 'a' }, { x: 4, key: 'b' }]; // prettier-ignore
  const [left, right] = [run(make, rows).engine.snapshot(), run(make, rows).engine.snapshot()];
  const [before, after] = [structuredClone(left), structuredClone(right)];
  const both = mergeSnapshots(left, right);
  for (const array of Object.values(both.shadows)) (array as Float64Array).fill(7);
  expect([left, right]).toEqual([before, after]);
});

const row = (key: string | number | bigint | null, x: number | null) => ({ key, x });

describe('keys', () => {
  it('of either half are there, and each one ages by its own rows alone', () => {
    const make = ema({ decay: 0.5, ages: true, by: 'key', columns: ['x'] }, 'raw');
    const left = [row('a', 4), row(1n, 8), row(NaN, 2)];
    const right = [row('c', 6), row('a', null), row('a', 4), row(null, 1), row('1', 3)];
    const next = ['a', 1n, NaN, 'c', null, '1'].map((key) => row(key, 4));
    const want = run(make, [...left, ...right, ...next]).out.slice(left.length + right.length);
    expect(run(make, next, merged(make, [left, right], 'left')).out).toEqual(want);
  });

  it('that were forgotten count their rows anew', () => {
    const options = { decay: 0.5, ages: true, by: 'key', columns: ['x'] as const } as const;
    const [left, engine] = [new Ema<ReturnType<typeof row>>(options), new Ema<ReturnType<typeof row>>(options)];
    left.update(row('a', 4), 'raw');
    for (const x of [1, 2, 3]) engine.update(row('a', x), 'raw');
    engine.reset('a');
    engine.update(row('a', 8), 'raw');
    const both = mergeSnapshots(left.snapshot(), engine.snapshot());
    expect(both.shadows['rows']).toEqual(Float64Array.of(2));
    expect([...(both.shadows['last'] as Float64Array)]).toEqual([0.5 * 2 + 4]);
  });

  it('that were dropped add up', () => {
    const make = ema({ halfLifeMs: 10, time: 'at', by: 'key', idleMs: 100, columns: ['x'] });
    const rows = [0, 500, 1000].map((at) => ({ at, key: 'a', x: 1 }));
    const half = run(make, rows).engine.snapshot();
    expect(make(mergeSnapshots(half, half)).dropped).toBe(4);
  });
});

const of = (options: Options, ...values: unknown[]): Snapshot => run(ema(options), values).engine.snapshot();
const half = (...values: unknown[]): Snapshot => of({ decay: 0.5 }, ...values);
const code = (left: unknown, right: unknown): string =>
  refusal(() => mergeSnapshots(left as Snapshot, right as Snapshot)).code;

describe('are refused', () => {
  it.each<[string, Options, RegExp]>([
    ['a schedule', { decay: rampDecay({ decay: 0.9, tau: 2 }) }, /got a schedule: decay: rampDecay/],
    ["a user's schedule", { alpha: () => 0.5 }, /got a schedule: alpha: custom$/],
    ['a start at the first value', { decay: 0.5, start: 'first' }, /got start: "first"$/],
    ['a start at a mean', { decay: 0.5, start: { sma: 2 } }, /got start: \{"sma":2\}$/],
    ['a start at a value', { decay: 0.5, start: { value: 2 } }, /got start: \{"value":2\}$/],
    ["hold 'next'", { tauMs: 5, hold: 'next' }, /got hold: "next"$/],
    ["hold 'last'", { tauMs: 5, hold: 'last' }, /got hold: "last"$/],
    ["hold 'linear'", { tauMs: 5, hold: 'linear' }, /got hold: "linear"$/],
  ])('halves under %s, by name', (_, options, said) => {
    const half = of(options, 1);
    const { code: got, message } = refusal(() => mergeSnapshots(half, half));
    expect([got, message]).toEqual(['SNAPSHOT_OPTIONS', expect.stringMatching(said)]);
  });

  it('halves under adjust: false, and of a model', () => {
    const half = run(ewm({ alpha: 0.5, adjust: false }, { stat: 'mean' }), [1]).engine.snapshot();
    expect(refusal(() => mergeSnapshots(half, half)).message).toMatch(/got adjust: false$/);
    const model = new ModelEma({ decay: 0.5 }).snapshot();
    expect(refusal(() => mergeSnapshots(model, model))).toEqual({
      code: 'SNAPSHOT_OPTIONS',
      message: expect.stringMatching(/got one of a ModelEma, whose average starts from its first weights$/),
    });
  });

  it('halves of different options, of different makers', () => {
    expect(refusal(() => mergeSnapshots(of({ decay: 0.5 }, 1), of({ decay: 0.6 }, 1))).message).toMatch(/decay: 0.6/);
    expect(code(of({ decay: 0.5 }, 1), of({ decay: 0.5, ages: true }, 1))).toBe('SNAPSHOT_OPTIONS');
    const mean = run(ewm({ alpha: 0.5 }, { stat: 'mean' }), [1]).engine.snapshot();
    expect(refusal(() => mergeSnapshots(of({ alpha: 0.5 }, 1), mean)).message).toMatch(/one of an EwmState/);
  });

  it('halves of different values', () => {
    expect(code(half(1), half({ x: 1 }))).toBe('VALUE_KIND');
    expect(code(half(new Float64Array(2)), half(1))).toBe('VALUE_KIND');
  });

  const broken: readonly [string, Snapshot][] = [
    ['a number', of({ decay: 0.5 }, 1)],
    ['keys', of({ decay: 0.5, ages: true, by: 'key', columns: ['x'] }, { key: 'a', x: 1 }, { key: 'b', x: 1 })],
    ['a record by the clock', of({ tauMs: 5, time: 'at' }, { at: 0, x: 1, y: 2 })],
    ['a vector', of({ decay: 0.5 }, Float32Array.of(1, 2))],
    ['a vector with holes', of({ decay: 0.5 }, Float64Array.of(1, NaN))],
    ['pairs', run(ewm({ alpha: 0.5 }, { stat: 'cov', x: 'x', y: 'y' }), [{ x: 1, y: 2 }]).engine.snapshot()],
  ];
  it.each(broken)('halves of %s of which one is not whole', (_, half) => {
    for (const name of Object.keys(half.shadows)) {
      const { [name]: array, ...rest } = half.shadows;
      expect([name, code(half, { ...half, shadows: rest })]).toEqual([name, 'SNAPSHOT_CORRUPT']);
      expect([name, code({ ...half, shadows: { ...rest, [name]: array!.slice(1) } }, half)]).toEqual([
        name,
        'SNAPSHOT_CORRUPT',
      ]);
    }
    for (const name of Object.keys(half.scalars)) {
      const { [name]: _gone, ...rest } = half.scalars;
      expect([name, code(half, { ...half, scalars: rest })]).toEqual([name, 'SNAPSHOT_CORRUPT']);
    }
  });

  it('what is no snapshot, of another version, or without a plan that can be read', () => {
    const half = of({ decay: 0.5 }, 1);
    expect([code(null, half), code(half, undefined)]).toEqual(['SNAPSHOT_CORRUPT', 'SNAPSHOT_CORRUPT']);
    expect(code({ ...half, version: 2 }, half)).toBe('SNAPSHOT_VERSION');
    expect(code(toBytes(half), half)).toBe('SNAPSHOT_VERSION');
    for (const plan of [
      '',
      'null',
      '{}',
      '{"decay":2,"start":"zero","hold":"sample"}',
      '{"alpha":0.5,"stat":"x","adjust":true}',
    ]) {
      expect(['SNAPSHOT_OPTIONS', 'SNAPSHOT_CORRUPT']).toContain(code({ ...half, plan }, { ...half, plan }));
    }
    const keyed = of({ decay: 0.5, by: 'key', columns: ['x'] }, { key: 'a', x: 1 }, { key: 'b', x: 1 });
    const twice = new TextEncoder().encode('["a","a"]');
    expect(code({ ...keyed, shadows: { ...keyed.shadows, keys: twice } }, keyed)).toBe('SNAPSHOT_CORRUPT');
  });
});
