// A real training log (PyTorch, 600 steps; two of them NaN): loss and accuracy smoothed side by side as records.
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { filter, from, map, zip } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';

interface Step {
  step: string;
  loss: number;
  accuracy: number;
}

const log = readFileSync(new URL('data/run.csv', import.meta.url), 'utf8');
const rows = Papa.parse<Record<string, string>>(log, { header: true, skipEmptyLines: true }).data;

const steps$ = from(rows).pipe(
  // The step goes along as a string: emaScan smooths number fields and lets the rest pass.
  map((row): Step => ({ step: row['step']!, loss: Number(row['loss']), accuracy: Number(row['accuracy'] || NaN) })),
);
const smooth$ = steps$.pipe(emaScan({ halfLife: 20 }), biasCorrected());

console.log(' step |  loss  smoothed | accuracy  smoothed');
zip(steps$, smooth$)
  .pipe(filter(([{ step }]) => Number(step) % 60 === 0 || step === '1' || step === '200'))
  .subscribe(([raw, smooth]) => {
    const cells = [raw.loss, smooth.loss, raw.accuracy, smooth.accuracy].map((x) => x.toFixed(3).padStart(7));
    console.log(`${raw.step.padStart(5)} | ${cells[0]}  ${cells[1]} |  ${cells[2]}   ${cells[3]}`);
  });
console.log('The NaN of step 200 comes out as it came in, so rows stay aligned, and the series goes on behind it.');
