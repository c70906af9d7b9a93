// Readings that come when they come: a decay per millisecond, what a reading stands for, late ones, a look at a later moment.
import { from, map, zip } from 'rxjs';
import { Ema, emaScan } from 'rx-ema';

interface Reading {
  at: Date;
  celsius: number;
}

const today = (time: string): Date => new Date(`2026-03-02T${time}:00Z`);
const MINUTE = 60_000;

// A cold store reports every hour, and whenever the temperature moves: at 9:30 someone holds the door open.
const readings: Reading[] = [
  { at: today('08:00'), celsius: -18.2 },
  { at: today('09:00'), celsius: -18.1 },
  { at: today('09:30'), celsius: -16.0 },
  { at: today('09:31'), celsius: -14.5 },
  { at: today('09:32'), celsius: -13.2 },
  { at: today('09:33'), celsius: -12.4 },
  { at: today('09:20'), celsius: -18.0 }, // came late, over a slow link
  { at: today('09:36'), celsius: -15.8 },
  { at: today('10:00'), celsius: -17.9 },
  { at: today('11:00'), celsius: -18.2 },
];
const readings$ = from(readings);

// 'sample': every reading weighs the same when it comes, so a burst of them drags the average along.
// 'next': a reading stands for the time since the one before. 'last': for the time until the next one. 'linear': a straight line.
const holds = ['sample', 'next', 'last', 'linear'] as const;
const averages = holds.map(
  (hold) => new Ema<Reading>({ halfLifeMs: 30 * MINUTE, time: 'at', columns: ['celsius'], hold, late: 'skip' }),
);
const clock = (at: Date): string => at.toISOString().slice(11, 16);
const cell = (x: number): string => (Number.isNaN(x) ? 'late' : x.toFixed(2)).padStart(8);

console.log(` time celsius | ${holds.map((hold) => hold.padStart(7)).join(' ')}`);
zip(
  readings$,
  ...averages.map((ema) =>
    readings$.pipe(
      emaScan(ema),
      map(({ celsius }) => cell(celsius)),
    ),
  ),
).subscribe(([raw, ...cells]) => console.log(`${clock(raw.at)}${cell(raw.celsius)} |${cells.join('')}`));
console.log(`left out as late: ${averages.map((ema) => ema.late).join(', ')}\n`);

// Time goes on while nothing comes. A value that holds until the next one goes on counting; a mean of samples stays.
for (const later of [today('11:30'), today('14:00')]) {
  const cells = averages.map((ema) => cell(ema.get(later)!.celsius));
  console.log(`${clock(later)}   read |${cells.join('')}`);
}
