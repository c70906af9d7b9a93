// A program of someone who looks at a training. `package.test.ts` compiles and runs it.
import { map, of } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';
import { dashboard, type Dashboard, type MetricPoint } from 'rx-ema/dashboard';

const step$ = of(2, 4).pipe(map((loss, i): MetricPoint => ({ run: 'first', step: i, atMs: NaN, values: { loss } })));
const page: Dashboard = await dashboard(step$, { port: 0, title: 'a run' });
await page.ended;
console.log(
  ...(await Promise.all(
    ['', 'page.js', 'page.css', 'worker.js'].map(async (file) => (await fetch(page.url + file)).status),
  )),
);
await page.close();

const other = await dashboard(of({ loss: 2 }, { loss: 4 }).pipe(emaScan({ decay: 0.5 }), biasCorrected()), { port: 0 });
console.log(other.port > 0);
await other[Symbol.asyncDispose]();
