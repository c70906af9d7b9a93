import { describe, expect, it } from 'vitest';
import { directSums } from './directSums.js';
import { IDLE_KEY, keyName, LATE_KEY, readingsOf, referenceOf, telemetry } from './telemetry.js';

const options = { seconds: 600, keys: 40 };

/** What the batches have of a key. */
const rowsOf = (key: number) =>
  [...telemetry(options)].flatMap((batch) =>
    [...batch].map((row) => row.toJSON()).filter((row) => row['key'] === keyName(key)),
  );

const firstLoads = (seed: number): unknown[] => [
  ...telemetry({ ...options, seed })
    .next()
    .value!.getChild('load')!,
];

describe('telemetry', () => {
  it('has in its batches what the readings of a key say', () => {
    for (const key of [IDLE_KEY, LATE_KEY, 7, 39]) {
      const readings = [...readingsOf(key, options)];
      expect(rowsOf(key)).toEqual(readings.map(({ at, load, celsius }) => ({ key: keyName(key), at, load, celsius })));
    }
  });

  it('is the same again for the same seed, and another for another', () => {
    expect(firstLoads(3)).toEqual(firstLoads(3));
    expect(firstLoads(3)).not.toEqual(firstLoads(4));
  });

  it('has late rows, nulls, silences, a key that stops and one that begins', () => {
    const all = Array.from({ length: options.keys }, (_, key) => [...readingsOf(key, options)]);
    const flat = all.flat();
    const share = (count: number): number => count / flat.length;
    expect(share(flat.filter(({ late }) => late).length)).toBeCloseTo(0.002, 2);
    expect(flat.some(({ late }) => late)).toBe(true);
    expect(share(flat.filter(({ load }) => load === null).length)).toBeCloseTo(0.02, 2);
    expect(flat.length).toBeLessThan(options.seconds * options.keys * 0.99);
    const start = all[2]![0]!.at;
    expect(all[IDLE_KEY]!.at(-1)!.at - start).toBeLessThan(210_000);
    expect(all[LATE_KEY]![0]!.at - start).toBeGreaterThan(390_000);
  });

  it('has dictionaries that differ, and one shape', () => {
    const [a, b] = [...telemetry({ ...options, seconds: 20 })];
    const names = (batch: typeof a): unknown[] => batch!.data.children[0]!.dictionary!.toArray() as unknown[];
    expect([...names(a)]).not.toEqual([...names(b)]);
    expect(a!.schema.toString()).toBe(b!.schema.toString());
  });

  it('has references that are the direct sums in 60 digits', () => {
    const short = { seconds: 150, keys: 2, seed: 5 };
    const onTime = [...readingsOf(IDLE_KEY, short)].filter(({ late }) => !late);
    const exact = directSums(
      'mean',
      onTime.map(({ at, load }) => ({ x: load, at })),
      { halfLifeMs: 20_000 },
    );
    const means = referenceOf(IDLE_KEY, 'load', 20_000, short).filter(({ late }) => !late);
    expect(means.length).toBe(exact.length);
    means.forEach(({ mean }, i) => expect(mean).toBeCloseTo(exact[i]!, 13));
  });

  it('is made as it is read: the first batch of a day is there at once', () => {
    const begun = performance.now();
    expect(telemetry().next().value!.numRows).toBeGreaterThan(9000);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
