// A real training log (PyTorch, 600 steps; two of them NaN): loss and accuracy smoothed side by side as records.
import { fileURLToPath } from 'node:url';
import { filter, lastValueFrom, tap } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { fromCsv } from 'rx-ema/sources';

const log = fileURLToPath(new URL('data/run.csv', import.meta.url));

const smooth$ = fromCsv(log).pipe(
  // Both are appended: emaScan lets every other field pass.
  emaScan({ halfLife: 20, columns: ['loss', 'accuracy'], as: (name) => `${name}_ema` }),
  biasCorrected(),
);

const show = (x: unknown): string => (typeof x === 'number' ? x.toFixed(3) : String(x)).padStart(7);
console.log(' step |  loss  smoothed | accuracy  smoothed');
await lastValueFrom(
  smooth$.pipe(
    filter(({ step }) => Number(step) % 60 === 0 || step === 1 || step === 200),
    tap((row) => {
      const cells = [row['loss'], row['loss_ema'], row['accuracy'], row['accuracy_ema']].map(show);
      console.log(`${String(row['step']).padStart(5)} | ${cells[0]}  ${cells[1]} |  ${cells[2]}   ${cells[3]}`);
    }),
  ),
);
console.log('At step 200 nothing was measured: NaN and an empty cell are no step, and the averages go on behind them.');
