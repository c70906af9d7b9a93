// Saves versions 1, 2, 3, … of a ModelEma and its model into one file until it is killed, going on from what is there.
import { existsSync } from 'node:fs';
import { ModelEma } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';

const path = process.argv[2]!;
const options = { decay: 0 };
const ema = new ModelEma<Float32Array>(options, existsSync(path) ? readSafetensors(path).snapshot : undefined);
const weights = (version: number) =>
  Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`w${i}`, new Float32Array(20_000).fill(version)]));

if (ema.updates === 0) ema.update(weights(0));
for (;;) {
  const version = ema.updates + 1;
  ema.update(weights(version));
  ema.copyAttributes({ version });
  toSafetensors(path, ema, { model: weights(version), metadata: { version: String(version) } });
  if (version % 10 === 1) console.log(version);
}
