// One average for each key: the volume-weighted price of every symbol on a tape of trades, in one operator.
import { from, tap, zip } from 'rxjs';
import { Ema, emaScan, SmoothingError } from 'rx-ema';

interface Trade {
  at: number; // ms
  symbol: string;
  price: number;
  size: number;
  note: string;
}

const trade = (seconds: number, symbol: string, price: number, size: number, note = ''): Trade => ({
  at: Date.UTC(2026, 2, 2, 9) + seconds * 1000,
  symbol,
  price,
  size,
  note,
});
const tape = [
  trade(0, 'NOVA', 100.0, 200),
  trade(1, 'ORCA', 40.0, 500),
  trade(2, 'NOVA', 101.0, 50),
  trade(3, 'NOVA', 98.0, 4000, 'a block'),
  trade(5, 'ORCA', 40.4, 500),
  trade(8, 'NOVA', 99.5, 100),
  trade(20, 'NOVA', 49.7, 200, 'split 2:1'),
  trade(21, 'NOVA', 49.9, 300),
  trade(90, 'ORCA', 43.0, 100, 'after a pause'),
  trade(91, 'PIKE', 7.0, 900),
];

const vwap = new Ema<Trade>({
  halfLifeMs: 30_000,
  time: 'at',
  by: 'symbol',
  weight: 'size', // Σ u·size·price / Σ u·size, where u halves in 30 s
  columns: ['price'],
  maxKeys: 3, // one more is an error: no key goes in silence
  idleMs: 60_000, // but one that has been away for longer begins anew
});

const forgetSplits = tap(({ symbol, note }: Trade) => {
  if (note.startsWith('split')) vwap.reset(symbol); // prices before it say nothing about those after it
});
console.log('  at symbol   price  size |   vwap');
zip(tape, from(tape).pipe(forgetSplits, emaScan(vwap))).subscribe(([{ at, symbol, price, size, note }, average]) => {
  const cells = [`${new Date(at).toISOString().slice(15, 19)} ${symbol}  ${price.toFixed(2).padStart(6)}`];
  cells.push(String(size).padStart(5), '|', average.price.toFixed(2).padStart(6), note);
  console.log(cells.join(' ').trimEnd());
});
console.log(`keys forgotten because nothing came: ${vwap.dropped}`);

from([trade(92, 'QUAY', 1, 1), trade(93, 'RAYS', 1, 1)])
  .pipe(emaScan(vwap))
  .subscribe({ error: ({ code, message }: SmoothingError) => console.log(`${code}: ${message}`) });
