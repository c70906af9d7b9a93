// Bollinger bands: the exponentially weighted mean of a price and two standard deviations to either side.
import { from, map, zip } from 'rxjs';
import { ewm } from 'rx-ema';

// A hundred closing prices: a quiet market, a week in which it panics, and a quiet one again.
let state = 42;
const random = (): number => {
  state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32; // Numerical Recipes' generator, for the same prices in each run
  return state / 2 ** 32;
};
const closes: number[] = [];
for (let day = 1, price = 100; day <= 100; day++) {
  const isPanic = day > 60 && day <= 67;
  price *= 1 + (isPanic ? -0.02 : 0.001) + (isPanic ? 0.04 : 0.01) * (random() + random() + random() - 1.5);
  closes.push(price);
}

const close$ = from(closes);
// The numbers of pandas' ewm(span=20, min_periods=20).mean() and .std(): nothing comes out before the twentieth day.
const bands$ = close$.pipe(ewm({ span: 20, minPeriods: 20 }).bands({ width: 2 }));

const [low, high, width] = [Math.min(...closes) - 4, Math.max(...closes) + 4, 72];
const row = (marks: Readonly<Record<string, number>>): string => {
  const cells = Array.from({ length: width }, () => ' ');
  for (const [mark, at] of Object.entries(marks)) {
    if (Number.isFinite(at)) cells[Math.round(((at - low) / (high - low)) * (width - 1))] = mark;
  }
  return cells.join('');
};

console.log(' day   close |  ( lower band   : mean   ) upper band   o close, x close outside the bands');
zip(close$, bands$)
  .pipe(
    map(([close, { mean, lower, upper }], i) => {
      const isOutside = close < lower || close > upper;
      const plot = row({ '(': lower, ')': upper, ':': mean, [isOutside ? 'x' : 'o']: close });
      return { day: i + 1, close, isOutside, plot };
    }),
  )
  .subscribe(({ day, close, isOutside, plot }) => {
    if (day % 4 !== 0 && !isOutside) return;
    console.log(`${String(day).padStart(4)} ${close.toFixed(2).padStart(7)} |${plot.trimEnd()}`);
  });
