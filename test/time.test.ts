import {
  DateMillisecond,
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  type DataType,
} from 'apache-arrow';
import * as fc from 'fast-check';
import { Ema, emaScan, fromBytes, toBytes, type EmaOptions } from 'rx-ema';
import { map, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import { refusal } from './refusal.js';

interface Row {
  readonly at: number;
  readonly x: number | null;
}
const HOLDS = ['sample', 'next', 'last', 'linear'] as const;

/** x at t = 0, 1, 4, 5 s with a half-life of 2 s (golden vectors of the maths). */
const GOLDEN: Record<(typeof HOLDS)[number], number[]> = {
  sample: [1, 3.3431457505, 3.7527699347, 2.9313708499],
  next: [1, 2.1715728753, 3.3535533906, 2.9571067812],
  last: [1, 1, 3.5857864376, 3.7071067812],
  linear: [1, 1.6195552457, 3.4265825071, 3.2847549795],
};
const xs = [1, 5, 4, 2];
const seconds = [0, 1, 4, 5];

function stamped(type: DataType, stamps: readonly bigint[], values: readonly number[]): RecordBatch {
  const fields = [new Field('at', type, false), new Field('x', new Float64(), false)];
  const children = [
    makeData({ type, length: stamps.length, nullCount: 0, data: BigInt64Array.from(stamps) } as never),
    makeData({ type: new Float64(), data: Float64Array.from(values) }),
  ];
  const data = makeData({ type: new Struct(fields), length: stamps.length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}
const columnOf = (batch: RecordBatch): number[] => [...batch.getChild('x')!] as number[];

const dated = (row: Row): Date => new Date(row.at);

describe.each(HOLDS)('hold %s', (hold) => {
  const options: EmaOptions<Row> = { halfLifeMs: 2000, time: 'at', hold, columns: ['x'] };
  const close = (got: readonly number[]) =>
    got.forEach((y, i) => expect(y, `row ${i}`).toBeCloseTo(GOLDEN[hold][i]!, 10));

  it('gives the golden numbers, by a field, a function and a Date', () => {
    for (const time of ['at' as const, (row: Row) => row.at, dated]) {
      const ema = new Ema<Row>({ ...options, time });
      close(seconds.map((second, i) => ema.update({ at: 1e12 + second * 1000, x: xs[i]! }).x!));
    }
  });

  it.each<[string, DataType, bigint]>([
    ['seconds', new TimestampSecond(), 1n],
    ['milliseconds with a time zone', new TimestampMillisecond('Europe/Berlin'), 1000n],
    ['microseconds', new TimestampMicrosecond(), 1_000_000n],
    ['nanoseconds', new TimestampNanosecond('UTC'), 1_000_000_000n],
    ['date64', new DateMillisecond(), 1000n],
  ])('gives them for a column of %s', (_, type, unit) => {
    const stamps = seconds.map((second) => (1_700_000_000n + BigInt(second)) * unit);
    const ema = new Ema<RecordBatch>({ halfLifeMs: 2000, time: 'at', hold });
    close(columnOf(ema.update(stamped(type, stamps, xs))));
  });

  it('keeps a constant exactly constant, whatever the stamps', () => {
    const gaps = fc.array(fc.oneof(fc.nat(5), fc.double({ min: 0, max: 1e7, noNaN: true })), { maxLength: 40 });
    holds(
      fc.property(gaps, fc.double({ noNaN: true, noDefaultInfinity: true }), (steps, c) => {
        const ema = new Ema<Row>(options);
        let at = 0;
        return [0, ...steps].every((gap) => Object.is(ema.update({ at: (at += gap), x: c + 0 }).x, c + 0));
      }),
    );
  });

  it('goes on from a snapshot bit for bit, and is unmoved by what it refuses', () => {
    const ema = new Ema<Row>(options);
    ema.update({ at: 5, x: 1 });
    ema.update({ at: 7, x: 4 });
    const again = new Ema<Row>(options, fromBytes(toBytes(ema.snapshot())));
    expect(refusal(() => ema.update({ at: 6, x: 9 })).code).toBe('TIME_LATE');
    expect(refusal(() => ema.update({ at: NaN, x: 9 })).code).toBe('TIME_MISSING');
    expect(refusal(() => ema.update({ at: '7' as unknown as number, x: 9 })).code).toBe('VALUE_KIND');
    expect(again.snapshot()).toEqual(ema.snapshot());
    expect(again.update({ at: 9.5, x: 3 })).toEqual(ema.update({ at: 9.5, x: 3 }));
  });

  it('leaves late rows out of a batch if told so, and counts them', () => {
    const ema = new Ema<RecordBatch>({ halfLifeMs: 2000, time: 'at', hold, late: 'skip' });
    const at = [0n, 1000n, 500n, 4000n, 3999n, 5000n];
    const out = columnOf(ema.update(stamped(new TimestampMillisecond(), at, [1, 5, 99, 4, 99, 2])));
    expect(out[2]).toBeNaN();
    expect(out[4]).toBeNaN();
    close([out[0]!, out[1]!, out[3]!, out[5]!]);
    expect(ema.late).toBe(2);
  });

  it('takes back a batch that runs backwards', () => {
    const ema = new Ema<RecordBatch>({ halfLifeMs: 2000, time: 'at', hold });
    ema.update(stamped(new TimestampMillisecond(), [0n, 1000n], [1, 5]));
    const before = ema.snapshot();
    const wrong = stamped(new TimestampMillisecond(), [4000n, 3000n], [4, 2]);
    expect(refusal(() => ema.update(wrong))).toEqual({
      code: 'TIME_LATE',
      message: "time must not run backwards, got a stamp 1000 ms before the newest one (late: 'skip' leaves it out)",
    });
    expect(ema.snapshot()).toEqual(before);
  });
});

describe('a decay per millisecond', () => {
  it('subtracts nanoseconds exactly, decades after 1970', () => {
    const base = 1_800_000_000_123_456_789n;
    const type = new TimestampNanosecond();
    const near = new Ema<RecordBatch>({ tauMs: 1e-6, time: 'at', hold: 'next' }); // a nanosecond
    const [, y] = columnOf(near.update(stamped(type, [base, base + 1n], [0, 1])));
    expect(y).toBeCloseTo(-Math.expm1(-1), 15);
  });

  it('equals the decay per step where the stamps are evenly spaced', () => {
    const byStep = new Ema<number>({ halfLife: 5 });
    const byClock = new Ema<Row>({ halfLifeMs: 5000, time: 'at', columns: ['x'] });
    for (let i = 0; i < 200; i++) {
      const x = Math.sin(i) + (i % 7);
      expect(byClock.update({ at: 1000 * i, x }).x).toBeCloseTo(byStep.update(x), 13);
    }
  });

  it("reads at a later moment: only under 'last' the newest value goes on", () => {
    for (const hold of HOLDS) {
      const ema = new Ema<Row>({ halfLifeMs: 2000, time: 'at', hold, columns: ['x'] });
      expect(ema.get(5)).toBeUndefined();
      seconds.forEach((second, i) => ema.update({ at: second * 1000, x: xs[i]! }));
      const later = ema.get(new Date(7000))!;
      expect(later.at).toBe(5000);
      expect(later.x).toBeCloseTo(hold === 'last' ? (GOLDEN.last[3]! + 2) / 2 : GOLDEN[hold][3]!, 10);
      expect(ema.get()!.x).toBeCloseTo(GOLDEN[hold][3]!, 10); // reading has moved nothing
      expect(refusal(() => ema.get(4999)).code).toBe('TIME_LATE');
    }
    expect(refusal(() => new Ema({ decay: 0.5 }).get(3)).code).toBe('OPTION_VALUE');
  });

  it('asks the clock when a value arrives: the scheduler, virtual in tests', () => {
    const scheduler = new TestScheduler((a, b) => expect(a).toEqual(b));
    scheduler.run(({ cold, expectObservable }) => {
      const source = cold('a 999ms b 2999ms c 999ms (d|)', { a: 1, b: 5, c: 4, d: 2 });
      const rounded = source.pipe(
        emaScan({ halfLifeMs: 2000, hold: 'next' }),
        map((y) => y.toFixed(9)),
        toArray(),
      );
      const want = [1, 2.1715728753, 3.3535533906, 2.9571067812].map((y) => y.toFixed(9));
      expectObservable(rounded).toBe('5000ms (a|)', { a: want });
    });
  });

  it('lets time pass over missing values', () => {
    const ema = new Ema<Row>({ halfLifeMs: 1000, time: 'at', hold: 'next', columns: ['x'] });
    ema.update({ at: 0, x: 0 });
    expect(ema.update({ at: 1000, x: null }).x).toBeNull();
    expect(ema.update({ at: 2000, x: 4 }).x).toBe(3);
  });
});
