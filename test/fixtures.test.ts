import { describe, expect, it } from 'vitest';
import { CASES, EPS, largest, type Case } from './fixtures/cases.js';
import * as diffusers from './fixtures/recipes/diffusers.js';
import * as emaPytorch from './fixtures/recipes/emaPytorch.js';
import * as optax from './fixtures/recipes/optax.js';
import { postHoc } from './fixtures/recipes/postHoc.js';
import * as tensorflow from './fixtures/recipes/tensorflow.js';
import * as timm from './fixtures/recipes/timm.js';
import * as torch from './fixtures/recipes/torch.js';
import * as ultralytics from './fixtures/recipes/ultralytics.js';
import {
  arrays,
  byEngine,
  byPipe,
  bySwap,
  byTensor,
  SERIES,
  tensors,
  tensorSeries,
  type Carrier,
  type Run,
  type SeriesRun,
  type Target,
  WEIGHTED,
  weightsTarget,
  type WeightsRun,
} from './fixtures/runs.js';
import { BACKENDS, tf, withBackends } from './support/backends.js';

/** How a case is run here, by the beginning of its id; the first that fits. */
const RECIPES: Readonly<Record<keyof typeof CASES, readonly [string, (one: Case) => Run[]][]>> = {
  ultralytics: [
    ['table-', ultralytics.table],
    ['run-', ultralytics.run],
  ],
  tensorflow: [
    ['ema-variable-', tensorflow.variables],
    ['ema-tensor-repeat-', tensorflow.tensorRepeat],
    ['ema-tensor-', tensorflow.tensor],
    ['weighted-moving-average-', tensorflow.weighted],
    ['keras-sgd-', tensorflow.keras],
  ],
  optax: [
    ['ema-constant-', optax.constant],
    ['ema-', optax.ema],
    ['bias-correction-', optax.biasCorrection],
    ['incremental-update-', optax.incremental],
    ['periodic-update-', optax.periodic],
  ],
  torch: [
    ['averaged-model-', torch.averagedModel],
    ['lerp-repeat-', torch.lerpRepeat],
    ['lerp-', torch.lerp],
  ],
  timm: [
    ['v3-decay-', timm.table],
    ['v3-', timm.v3],
    ['v2-', timm.v2],
  ],
  'ema-pytorch': [
    ['ema-decay-', emaPytorch.table],
    ['ema-', emaPytorch.ema],
    ['karras-', emaPytorch.karras],
    ['post-hoc-', postHoc],
    ['sigma-rel-to-gamma', emaPytorch.gammas],
  ],
  diffusers: [
    ['table-', diffusers.table],
    ['run-', diffusers.run],
  ],
};

interface Covered {
  readonly name: string;
  readonly fault: string | undefined;
  readonly runs: readonly Run[];
}

const covered: Covered[] = [];
const uncovered: string[] = [];
/** So many cases the files have: none may get lost. */
const COUNTS = { ultralytics: 8, tensorflow: 20, optax: 20, torch: 49, timm: 21, 'ema-pytorch': 23, diffusers: 12 };
for (const [file, cases] of Object.entries(CASES)) {
  for (const one of cases) {
    const [, recipe] = RECIPES[file as keyof typeof CASES].find(([start]) => one.id.startsWith(start)) ?? [];
    if (recipe === undefined) uncovered.push(`${file} ${one.id}`);
    else covered.push({ name: `${file} ${one.id}`, fault: one.fault, runs: recipe(one) });
  }
}

function promise({ name, fault, runs }: Covered): string {
  if (fault !== undefined) return `${name}: the right numbers, where the library's are wrong`;
  const stops = runs.some((run) => run.kind === 'weights' && run.stops);
  return stops
    ? `${name}: the library's numbers until rounding stops it, then the exact ones`
    : `${name}: the library's numbers`;
}

describe('reference numbers', () => {
  for (const one of covered) {
    it(promise(one), async () => {
      for (const run of one.runs) {
        if (run.kind === 'table') check([run], [run.actual()]);
        if (run.kind === 'series') for (const smooth of waysOf(run)) checkSeries(run, await smooth(run));
        if (run.kind === 'weights') await checkWeights(run, arrays);
      }
    });
  }

  it('are all reproduced', () => {
    expect(uncovered).toEqual([]);
    const counts = Object.entries(CASES).map(([file, cases]) => [file, cases.length]);
    expect(Object.fromEntries(counts)).toEqual(COUNTS);
    expect(covered.every(({ runs }) => runs.length > 0)).toBe(true);
  });

  it('that the list of faults names are each held against a right value', () => {
    const judged = covered.filter(({ runs }) => runs.some((run) => targetsOf(run).some((one) => one.wrong)));
    const faulty = covered.filter(({ fault }) => fault !== undefined);
    expect(judged.map(({ name }) => name)).toEqual(faulty.map(({ name }) => name));
  });
});

withBackends(BACKENDS, 'reference numbers as tensors', () => {
  for (const one of covered) {
    const runs = one.runs.filter(
      (run) =>
        (run.kind === 'weights' && run.times === undefined && !Object.values(run.dtypes).includes('float64')) ||
        (run.kind === 'series' && run.dtype === 'float32' && run.weights === undefined),
    );
    if (runs.length === 0) continue;
    it(promise(one), async () => {
      tf.engine().startScope();
      for (const run of runs) {
        if (run.kind === 'series') checkSeries(inFloat32(run), await tensorSeries(run));
        if (run.kind === 'weights') await checkWeights(run, tensors);
        if (run.kind === 'weights' && run.swap !== undefined) checkSwap(run, run.swap);
      }
      tf.engine().endScope();
    });
  }
});

/** Our own rounding on top of the library's; where a constant has to come out, none is allowed. */
function inFloat32(run: SeriesRun): SeriesRun {
  const own = 8 * EPS.float32 * largest(run.values);
  return { ...run, tolerance: run.tolerance.map((one) => (one === 0 ? 0 : one + own)) };
}

const waysOf = (run: SeriesRun) => Object.values(run.weights === undefined ? SERIES : WEIGHTED);

const targetsOf = (run: Run): readonly Target[] =>
  run.kind === 'weights' ? run.targets.flatMap((row) => Object.values(row)) : [run];

function checkSeries(run: SeriesRun, smoothed: readonly number[]): void {
  check([run], [run.at === undefined ? smoothed : run.at.map((n) => smoothed[n - 1]!)]);
}

async function checkWeights(run: WeightsRun, carrier: Carrier): Promise<void> {
  const results = [];
  if (run.start === 'given' || run.start === 'first') results.push(byEngine(run, carrier));
  if (run.start !== 'zero') results.push(await byPipe(run, carrier));
  if (run.start === 'zero' || run.start === 'corrected') results.push(await byTensor(run, carrier));
  for (const rows of results) {
    for (const name of Object.keys(run.dtypes)) {
      const targets = run.targets.map((row) => row[name]!);
      const ignored = run.ignores?.includes(name) ?? false;
      expect(rows.every((row) => name in row !== ignored)).toBe(true);
      check(
        targets,
        rows.map((row) => (ignored ? run.initial![name]! : row[name]!)),
      );
    }
  }
}

function checkSwap(run: WeightsRun, swap: NonNullable<WeightsRun['swap']>): void {
  const { inside, after } = bySwap(run);
  for (const [name, dtype] of Object.entries(run.dtypes)) {
    check([weightsTarget(swap.inside[name]!, EPS[dtype])], [inside[name]!]);
    expect(after[name]).toEqual(swap.after[name]);
  }
}

/** Every row is within its tolerance of what it must be, and the library outside it somewhere, if it is wrong. */
function check(targets: readonly Target[], rows: readonly (readonly number[])[]): void {
  expect(rows.map((row) => row.length)).toEqual(targets.map(({ expected }) => expected.length));
  const off = targets.flatMap((target, n) => outside(target, rows[n]!).map((one) => ({ row: n, ...one })));
  expect(off).toEqual([]);
  if (!targets.some(({ wrong }) => wrong)) return;
  expect(targets.some((target) => target.wrong && outside(target, target.wrong).length > 0)).toBe(true);
}

function outside({ expected, tolerance }: Target, actual: readonly number[]) {
  return actual
    .map((value, i) => ({ i, value, expected: expected[i]!, tolerance: tolerance[i]! }))
    .filter((one) => !(Math.abs(one.value - one.expected) <= one.tolerance));
}
