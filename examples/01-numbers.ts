// An exponential moving average of numbers: first in a plain loop, then in a pipe.
import { of } from 'rxjs';
import { biasCorrected, Ema, emaScan } from 'rx-ema';

const celsius = [20.0, 20.4, 19.8, 26.5, 20.1, NaN, 20.3, 20.2];

// v_t = (1 - alpha) v_{t-1} + alpha x_t, with the bias of the zero start divided out.
const ema = new Ema({ alpha: 0.2 });
console.log('plain loop');
for (const x of celsius) {
  const smoothed = ema.update(x);
  console.log(`  ${x.toFixed(1).padStart(5)} -> ${smoothed.toFixed(3)}`);
}
console.log(`  now ${ema.get()?.toFixed(3)} after ${ema.step} values; the NaN was no step and broke nothing\n`);

// The same in RxJS. Raw starts at zero, so its first values are too low; biasCorrected() divides that out.
const rows: string[][] = [[], []];
of(...celsius)
  .pipe(emaScan({ alpha: 0.2 }))
  .subscribe((v) => rows[0]!.push(v.toFixed(1)));
of(...celsius)
  .pipe(emaScan({ alpha: 0.2 }), biasCorrected())
  .subscribe((v) => rows[1]!.push(v.toFixed(1)));
console.log(`raw        ${rows[0]!.join('  ')}`);
console.log(`corrected  ${rows[1]!.join('  ')}`);
