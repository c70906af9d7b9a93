// A program of someone who saves and reads weights. `package.test.ts` compiles and runs it.
import { lastValueFrom, map, toArray, type Observable } from 'rxjs';
import { ModelEma, modelEma, SmoothingError, type SafetensorsArray } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { fromParquet, fromSafetensors, readSafetensors, type RecordBatch } from 'rx-ema/sources';

for (const step of [10, 2, 1]) toSafetensors(`step-${step}.safetensors`, { w: Float32Array.of(step) });
const checkpoint$ = fromSafetensors('step-*.safetensors');
console.log(
  ...(await lastValueFrom(
    checkpoint$.pipe(
      map(({ w }) => w![0]),
      toArray(),
    ),
  )),
);

const ema = new ModelEma<SafetensorsArray>({ decay: 0.5 });
await lastValueFrom(checkpoint$.pipe(modelEma(ema)));
toSafetensors('ema.safetensors', ema);
const { holds, snapshot } = readSafetensors('ema.safetensors');
const resumed = new ModelEma<SafetensorsArray>({ decay: 0.5 }, snapshot);
console.log(holds, resumed.updates, resumed.shadow['w']?.[0]);

const batch$: Observable<RecordBatch> = fromParquet('absent.parquet');
await lastValueFrom(batch$).catch((error: unknown) => console.log(error instanceof SmoothingError && error.code));
