// Any stream of metrics on a live page: two runs that arrive as records, and what a program that has ended leaves behind.
import { map, merge, take, timer } from 'rxjs';
import { dashboard } from 'rx-ema/dashboard';

const STEPS = 200;

/** A loss that falls at some rate, with noise; at one step it overflows. */
function training(run: string, rate: number) {
  return timer(0, 5).pipe(
    take(STEPS),
    map((step) => {
      const noise = 0.2 * Math.sin(step * 12.9898) * Math.cos(step * 78.233);
      return { run, step, 'train/loss': step === 120 ? NaN : Math.exp(-rate * step) + noise, lr: rate };
    }),
  );
}

const page = await dashboard(merge(training('slow', 0.01), training('fast', 0.04)), { title: 'two rates' });
console.log(`${page.url} shows both runs while they last`);

await page.ended; // both have completed; the page stays until it is closed
const html = await (await fetch(page.url)).text();
console.log(`the page is served to browsers of this machine: ${html.includes('<title>')}`);

if (process.argv.includes('--stay')) await new Promise(() => {}); // until Ctrl-C: have a look
await page.close();
console.log('closed: nothing is left that keeps the program running');
