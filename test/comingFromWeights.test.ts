import {
  biasCorrected,
  inverseGammaDecay,
  ModelEma,
  modelEma,
  powerDecay,
  rampDecay,
  warmupDecay,
  type WeightMap,
} from 'rx-ema';
import { from, lastValueFrom, map, toArray, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CASES, EPS, largest, type Case, type State } from './fixtures/cases.js';

const caseOf = (file: keyof typeof CASES, id: string): Case => CASES[file].find((one) => one.id === id)!;
const weightsOf = (state: State): WeightMap<Float32Array> =>
  Object.fromEntries(Object.entries(state).map(([name, values]) => [name, Float32Array.from(values)]));

/** What a library copies, or leaves alone. */
const COPIED = new Set(['bn.num_batches_tracked', 'frozen']);

/** A row's operator over these states, against what the library has after each of the last ones. */
async function expectPeer(
  states: readonly State[],
  operator: (weights$: Observable<WeightMap<Float32Array>>) => Observable<WeightMap<Float32Array>>,
  expected: readonly State[],
): Promise<void> {
  const copies = operator(from(states.map(weightsOf))).pipe(
    map((shadow) => Object.fromEntries(Object.entries(shadow).map(([name, values]) => [name, values.slice()]))),
    toArray(),
  );
  const rows = (await lastValueFrom(copies)).slice(-expected.length);
  for (const [n, state] of expected.entries()) {
    for (const [name, values] of Object.entries(state)) {
      if (COPIED.has(name)) continue;
      const ours = rows[n]![name]!;
      const off = Math.max(...values.map((value, i) => Math.abs(value - ours[i]!)));
      expect(off, `${name} at ${n}`).toBeLessThanOrEqual(4 * EPS.float32 * largest(values));
    }
  }
}

describe('rows of docs/coming-from.md give what the library gives', () => {
  it('timm `ModelEmaV3(update_after_step=3)`: `startAfter: 3`', async () => {
    const { input, expected } = caseOf('timm', 'v3-float32-step-1-decay-0p9-update-after-step-3');
    const decay = inverseGammaDecay({ decay: 0.9, min: 0.9, startAfter: 3 });
    await expectPeer(input.steps, modelEma({ decay }), expected as State[]);
  });

  it('ultralytics `ModelEMA`: the weights before the first step first', async () => {
    const one = CASES.ultralytics.find(({ id, fault }) => id.startsWith('run-') && fault === undefined)!;
    const { decay = 0.9999, tau = 2000 } = one.options as { decay?: number; tau?: number };
    const states = [one.input.initial, ...one.input.steps];
    await expectPeer(states, modelEma({ decay: rampDecay({ decay, tau }), rule: 'yolov5' }), one.expected as State[]);
  });

  it('diffusers `EMAModel(parameters)`: the first update counted', async () => {
    const { input, expected } = caseOf('diffusers', 'run-600-default-options');
    const [first, ...steps] = input.steps;
    const options = { decay: warmupDecay({ decay: 0.9999 }) };
    const ema = new ModelEma<Float32Array>(options, { shadow: weightsOf(first!), updates: 1 });
    await expectPeer(steps, modelEma(ema), (expected as State[]).slice(1));
  });

  it('torch `AveragedModel(model)`: the plain mean', async () => {
    const { input, expected } = caseOf('torch', 'averaged-model-swa-float32-decay-none-use-buffers-on');
    await expectPeer(
      input.steps,
      (weights$) => weights$.pipe(modelEma<Float32Array>({ decay: powerDecay({ gamma: 0 }) }), biasCorrected()),
      expected as State[],
    );
  });
});
