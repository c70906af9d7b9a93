// Saves 400 kB once, and prints what came of it.
import { SmoothingError } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';

try {
  console.log(toSafetensors(process.argv[2]!, { w: new Float32Array(100_000).fill(2) }));
} catch (error) {
  if (!(error instanceof SmoothingError)) throw error;
  console.log(error.code, (error.cause as NodeJS.ErrnoException).code);
}
