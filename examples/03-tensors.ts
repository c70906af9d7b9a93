// Running statistics of a layer's activations: a stream of tfjs tensors, smoothed as tensors.
import * as tf from '@tensorflow/tfjs';
import { Observable, pairwise } from 'rxjs';
import { biasCorrected, emaScan } from 'rx-ema';

tf.env().set('IS_TEST', true); // tfjs greets on its cpu backend unless it believes it is tested
await tf.setBackend('cpu');

// Means of batches of 32 activations around [0, 1, 2, 3]. Inputs are never disposed for you: whoever makes them does it.
const means$ = new Observable<tf.Tensor>((subscriber) => {
  for (let seed = 1; seed <= 200 && !subscriber.closed; seed++) {
    const mean = tf.tidy(() => tf.randomNormal([32, 4], 0, 1, 'float32', seed).add([0, 1, 2, 3]).mean(0));
    subscriber.next(mean);
    mean.dispose();
  }
  subscriber.complete();
});

const format = (t: tf.Tensor): string => [...t.dataSync()].map((x) => x.toFixed(2).padStart(5)).join(' ');

let step = 1;
means$.pipe(emaScan({ decay: 0.98 }), biasCorrected(), pairwise()).subscribe({
  // A tensor that comes out is lent until the next delivery has returned, so pairwise needs no copies.
  next([before, after]) {
    step++;
    const moved = tf.tidy(() => after.sub(before).abs().max().dataSync()[0]!);
    if (step % 33 === 2) {
      console.log(`step ${String(step).padStart(3)}  ${format(after)}   moved by ${moved.toFixed(4)}`);
      console.log(`          tensors alive: ${tf.memory().numTensors}`);
    }
    if (step === 200) after.dispose(); // the last one is ours
  },
});
console.log(`tensors left at the end: ${tf.memory().numTensors}`);
