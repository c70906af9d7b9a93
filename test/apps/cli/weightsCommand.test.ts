import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  biasCorrected,
  ModelEma,
  modelEma,
  postHocEma,
  powerDecay,
  rampDecay,
  type ModelEmaOptions,
  type SafetensorsArray,
  type WeightMap,
} from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { fromSafetensors, readSafetensors } from 'rx-ema/sources';
import { lastValueFrom } from 'rxjs';
import { beforeAll, expect, it } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import type { Ended } from '../../support/program.js';
import { ROOT } from '../../support/workspace.js';

const RUN = join(ROOT, 'examples/data/run');
const CHECKPOINTS = join(RUN, 'checkpoints');
/** The largest relative L2 distance between our average of ten checkpoints and torch's of all steps; 1.4e-2 seen. */
const FAR = 2e-2;
const MB = 1e6;

type Map = WeightMap<SafetensorsArray>;

/** What the library makes of the run's checkpoints. */
const averageBy = (options: ModelEmaOptions<SafetensorsArray>, where: string | string[] = CHECKPOINTS): Promise<Map> =>
  lastValueFrom(fromSafetensors(where).pipe(modelEma(options)));

/** |a − b| / |b| */
function distance(a: SafetensorsArray, b: SafetensorsArray): number {
  let [gap, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    gap += (Number(a[i]) - Number(b[i])) ** 2;
    size += Number(b[i]) ** 2;
  }
  return Math.sqrt(gap / size);
}

const plain = (weights: Map) => Object.entries(weights).map(([name, array]) => [name, ...array]);

describeWith(registry, 'rx-ema weights', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  /** Runs it in a folder of its own, where it writes `ema.safetensors`. */
  async function run(
    args: readonly string[],
    folder = emptyFolder(),
  ): Promise<Ended & { written: () => Map; folder: string }> {
    const done = await rxEma.run(['weights', ...args, '-o', 'ema.safetensors'], folder);
    return { ...done, folder, written: () => readSafetensors(join(folder, 'ema.safetensors')).weights };
  }

  async function made(args: readonly string[], folder?: string): Promise<Map> {
    const { code, stdout, stderr, written } = await run(args, folder);
    expect([code, stdout], stderr).toEqual([0, '']);
    return written();
  }

  it('makes of a PyTorch run’s checkpoints what the library makes, near to the EMA that torch kept', async () => {
    const args = [CHECKPOINTS, '--decay', '0.98', '--steps-per-update', '60'];
    const { code, stdout, stderr, written } = await run(args);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('10 checkpoints, ');
    expect(stderr).toContain('14 tensors averaged, 2 copied');
    expect(stderr).toMatch(/^rx-ema: ema\.safetensors: \d+ bytes$/m);
    expect(plain(written())).toEqual(plain(await averageBy({ decay: 0.98, stepsPerUpdate: 60 })));
    const torch = readSafetensors(join(RUN, 'ema.safetensors')).weights;
    for (const [name, average] of Object.entries(written())) {
      if (average instanceof Float32Array) expect(distance(average, torch[name]!), name).toBeLessThan(FAR);
    }
  });

  it.each<[string, string[], ModelEmaOptions<SafetensorsArray>]>([
    ['--alpha', ['--alpha', '0.25'], { alpha: 0.25 }],
    ['--half-life', ['--half-life', '100', '--steps-per-update', '60'], { halfLife: 100, stepsPerUpdate: 60 }],
    ['--tau', ['--tau', '3'], { tau: 3 }],
    ['--ramp', ['--decay', '0.99', '--ramp', '5'], { decay: rampDecay({ decay: 0.99, tau: 5 }) }],
    ['--rule', ['--decay', '0.5', '--rule', 'torch'], { decay: 0.5, rule: 'torch' }],
    ['auto', ['--decay', '0.98', '--steps-per-update', 'auto'], { decay: 0.98, stepsPerUpdate: 60 }],
  ])('takes %s as the library does', async (_name, args, options) => {
    expect(plain(await made([CHECKPOINTS, ...args]))).toEqual(plain(await averageBy(options)));
  });

  it('starts empty with --bias-corrected, and with --sigma-rel, whose first checkpoint is step 1', async () => {
    const corrected = (options: ModelEmaOptions<SafetensorsArray>) =>
      lastValueFrom(fromSafetensors(CHECKPOINTS).pipe(modelEma(options), biasCorrected()));
    const half = await made([CHECKPOINTS, '--decay', '0.5', '--bias-corrected']);
    expect(plain(half)).toEqual(plain(await corrected({ decay: 0.5 })));
    const power = await made([CHECKPOINTS, '--sigma-rel', '0.1']);
    expect(plain(power)).toEqual(plain(await corrected({ decay: powerDecay({ sigmaRel: 0.1 }) })));
  });

  it('takes the steps from the names, evenly spaced or not, the untrained model included', async () => {
    const folder = emptyFolder();
    for (const step of [0, 10, 40, 45]) {
      toSafetensors(join(folder, `step=${step}.safetensors`), { w: Float64Array.of(step === 0 ? 5 : step) });
    }
    const auto = ['--steps-per-update', 'auto'];
    const decayed = [10, 40, 45].reduce(
      ({ w, at }, step) => {
        const d = 0.95 ** (step - at);
        return { w: d * w + (1 - d) * step, at: step };
      },
      { w: 5, at: 0 },
    );
    const { w } = await made(['step=*.safetensors', '--decay', '0.95', ...auto], folder);
    expect(w![0]).toBeCloseTo(decayed.w, 12);
    const gamma = 1; // the profile s^1 on [0, 45]: checkpoints weigh what they stand for
    const sigmaRel = Math.sqrt((gamma + 1) / (gamma + 3)) / (gamma + 2);
    const power = await made(['step=*.safetensors', '--sigma-rel', String(sigmaRel), ...auto], folder);
    expect(power['w']![0]).toBeCloseTo(
      (10 * 10 ** 2 + 40 * (40 ** 2 - 10 ** 2) + 45 * (45 ** 2 - 40 ** 2)) / 45 ** 2,
      10,
    );
  });

  it('says that the decay is one per checkpoint where the names count training steps', async () => {
    const { stderr } = await run([CHECKPOINTS, '--decay', '0.98']);
    expect(stderr).toContain('the first checkpoint has 83 % of the average');
    expect(stderr).toContain('--steps-per-update 60 makes the decay one per training step');
  });

  it('writes what a rule ignores as the newest checkpoint has it, so that PyTorch finds every name', async () => {
    const weights = await made([CHECKPOINTS, '--decay', '0.5', '--rule', 'keras']);
    const newest = readSafetensors(join(CHECKPOINTS, 'step-00600.safetensors')).weights;
    expect(Object.keys(weights)).toEqual(Object.keys(newest));
    expect(weights['1.running_var']).toEqual(newest['1.running_var']);
    expect(weights['0.weight']).not.toEqual(newest['0.weight']);
  });

  it('narrows with --dtype, and keeps the metadata of the newest checkpoint', async () => {
    const folder = emptyFolder();
    for (const step of [1, 2]) {
      const path = join(folder, `${step}.safetensors`);
      toSafetensors(path, { w: Float32Array.of(step) }, { metadata: { format: 'pt', step: String(step) } });
    }
    await made(['.', '--decay', '0', '--dtype', 'BF16'], folder);
    const { dtypes, metadata, holds } = readSafetensors(join(folder, 'ema.safetensors'));
    expect([dtypes['w'], holds]).toEqual(['BF16', 'weights']);
    expect(metadata).toMatchObject({ format: 'pt', step: '2', ema: expect.stringContaining('2 checkpoints') });
  });

  it('never reads what it has written as a checkpoint', async () => {
    const folder = emptyFolder();
    cpSync(CHECKPOINTS, folder, { recursive: true });
    const args = ['weights', '.', '--decay', '0.5', '-o'];
    const first = await rxEma.run([...args, 'ema.safetensors'], folder);
    expect(first.stderr).not.toContain('left out');
    const before = readFileSync(join(folder, 'ema.safetensors'));
    await rxEma.run([...args, 'a.safetensors'], folder);
    const { stderr } = await rxEma.run([...args, 'ema.safetensors'], folder);
    expect(stderr).toContain('left out: 2 files that are no checkpoint but an average made here');
    expect(readFileSync(join(folder, 'ema.safetensors'))).toEqual(before);
  });

  it('makes an average of any width of snapshots with --post-hoc, bit for bit as the library does', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'snapshots'));
    for (const sigmaRel of [0.05, 0.1]) {
      const ema = new ModelEma<Float32Array>({ decay: powerDecay({ sigmaRel }) });
      for (let step = 0; step <= 400; step++) {
        ema.update({ w: Float32Array.of(Math.sin(step / 9), step), n: Float32Array.of(step) });
        if (step > 0 && step % 25 === 0) toSafetensors(join(folder, `snapshots/${sigmaRel}-${step}.safetensors`), ema);
      }
    }
    const paths = readdirSync(join(folder, 'snapshots')).map((name) => join(folder, 'snapshots', name));
    const { stderr, code, written } = await run(['snapshots', '--post-hoc', '--sigma-rel', '0.15'], folder);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^rx-ema: 32 snapshots: .* residual of the fit [\d.]+ %/),
    ]);
    const snapshots = paths
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((path) => readSafetensors(path).snapshot);
    expect(plain(written())).toEqual(plain(postHocEma({ snapshots, sigmaRel: 0.15 }).weights));

    const far = await run(['snapshots', '--post-hoc', '--sigma-rel', '0.01'], folder);
    expect(far.code).toBe(1);
    expect(far.stderr).toMatch(
      /^rx-ema: --sigma-rel must be from .* residual of .*: take a width that they carry.*\n$/,
    );
    expect((await run(['snapshots', '--post-hoc', '--sigma-rel', '0.5'], folder)).code).toBe(2);
    const asWeights = await run(['snapshots', '--decay', '0.9'], folder);
    expect([asWeights.code, asWeights.stderr]).toEqual([1, expect.stringContaining('go with --post-hoc')]);
  });

  it.each<[string, string[], string]>([
    ['no way to forget', [CHECKPOINTS], 'exactly one of --decay, --alpha, --half-life, --tau, --sigma-rel, got none'],
    ['two decays', [CHECKPOINTS, '--decay', '0.9', '--tau', '3'], 'got --decay and --tau'],
    ['a decay out of range', [CHECKPOINTS, '--decay', '1.5'], '--decay must be in [0, 1], got 1.5'],
    ['a decay that is no number', [CHECKPOINTS, '--decay', 'much'], 'It must be a number'],
    ['a ramp without a decay', [CHECKPOINTS, '--tau', '5', '--ramp', '5'], '--ramp must come with --decay, got --tau'],
    [
      'a ramp of no steps',
      [CHECKPOINTS, '--decay', '0.9', '--ramp', '0'],
      'rx-ema: --ramp must be > 0 steps and finite, got 0',
    ],
    [
      'a ramp to a decay out of range',
      [CHECKPOINTS, '--decay', '1.5', '--ramp', '5'],
      'rx-ema: --decay must be in [0, 1], got 1.5',
    ],
    ['steps that are none', [CHECKPOINTS, '--decay', '0.9', '--steps-per-update', '0'], 'a whole number from 1 on'],
    [
      'an unknown rule',
      [CHECKPOINTS, '--decay', '0.9', '--rule', 'jax'],
      'Allowed choices are yolov5, timm, torch, keras',
    ],
    [
      'a decay beside --post-hoc',
      [CHECKPOINTS, '--post-hoc', '--decay', '0.9'],
      '--decay must come without --post-hoc',
    ],
    ['--post-hoc without a width', [CHECKPOINTS, '--post-hoc'], '--post-hoc must come with --sigma-rel'],
    ['--post-hoc of checkpoints', [CHECKPOINTS, '--post-hoc', '--sigma-rel', '0.1'], 'leave --post-hoc out'],
  ])('refuses %s in one line, as a usage error', async (_name, args, message) => {
    const { code, stdout, stderr, folder } = await run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses to write a file of another name, as a usage error', async () => {
    const folder = emptyFolder();
    const { code, stderr } = await rxEma.run(['weights', CHECKPOINTS, '--decay', '0.9', '-o', 'x.pt'], folder);
    expect([code, stderr]).toEqual([2, "rx-ema: -o must end in .safetensors, got 'x.pt'\n"]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, Record<string, Record<string, SafetensorsArray> | string>, RegExp]>([
    [
      'an absent folder',
      {},
      /'absent' must be a folder, a file or a glob that finds \*\.safetensors, got nothing there/,
    ],
    [
      'a folder without checkpoints',
      { 'absent/notes.txt': '' },
      /a \*\.safetensors file in 'absent' itself, got none$/,
    ],
    [
      'a folder of folders of checkpoints',
      { 'absent/a/1.safetensors': '' },
      /got none: those in its folders are 'absent\/\*\/\*\.safetensors', in quotes$/,
    ],
    ['a table', { absent: 'step,loss\n1,2\n' }, /^rx-ema: 'absent' is not a safetensors file$/],
    ['pickles', { 'absent/step1.pt': '' }, /'step1\.pt' is a pickle, .* safetensors\.torch\.save_file/],
    ['a file that is none', { 'absent/1.safetensors': 'hello, this is no header' }, /absent\/1\.safetensors: /],
    [
      'changed names',
      { 'absent/1.safetensors': { a: Float32Array.of(1) }, 'absent/2.safetensors': { b: Float32Array.of(1) } },
      /absent\/2\.safetensors: .*'[ab]'/,
    ],
    [
      'changed shapes',
      { 'absent/1.safetensors': { a: Float32Array.of(1) }, 'absent/2.safetensors': { a: Float32Array.of(1, 2) } },
      /absent\/2\.safetensors: weight 'a' must/,
    ],
  ])('refuses %s in one line that names the file', async (_name, files, message) => {
    const folder = emptyFolder();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      if (typeof content === 'string') writeFileSync(join(folder, path), content);
      else toSafetensors(join(folder, path), content);
    }
    const { code, stderr } = await run(['absent', '--decay', '0.9'], folder);
    expect([code, stderr.trimEnd()]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr).toMatch(/^rx-ema: .*\n$/);
  });

  it.each([
    ['best', /a number in each name, got none in 'best\.safetensors'/],
    ['epoch=01', /numbers that rise, got 'epoch=0?1\.safetensors' before 'epoch=0?1\.safetensors'/],
  ])('refuses to take steps from a name like %s', async (name, message) => {
    const folder = emptyFolder();
    for (const one of ['epoch=1', name]) toSafetensors(join(folder, `${one}.safetensors`), { a: Float32Array.of(1) });
    const { code, stderr } = await run(['*.safetensors', '--decay', '0.9', '--steps-per-update', 'auto'], folder);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('refuses a part of a model, which is not a checkpoint', async () => {
    const folder = emptyFolder();
    toSafetensors(join(folder, 'model-00001-of-00002.safetensors'), { a: Float32Array.of(1) });
    const { code, stderr } = await run(['.', '--decay', '0.9'], folder);
    expect([code, stderr]).toEqual([2, expect.stringContaining('join the parts first')]);
  });

  it('leaves the old file and nothing beside it when the disk is full', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'ema.safetensors'), 'old');
    const script = `ulimit -f 8; rx-ema weights '${CHECKPOINTS}' --decay 0.9 -o ema.safetensors`;
    const { code, stderr } = await rxEma.shell(script, folder);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^rx-ema: 'ema\.safetensors' must be a file that can be written.*\n$/),
    ]);
    expect(readdirSync(folder)).toEqual(['ema.safetensors']);
    expect(readFileSync(join(folder, 'ema.safetensors'), 'utf8')).toBe('old');
  });

  it('leaves the old file when it is killed midway', async () => {
    const folder = emptyFolder();
    manyCheckpoints(folder, { count: 1000, tensors: 1, bytes: 8 * MB });
    writeFileSync(join(folder, 'ema.safetensors'), 'old');
    const script = 'rx-ema weights run --decay 0.9 -o ema.safetensors & sleep 1; kill -9 $!; wait $!';
    expect((await rxEma.shell(script, folder)).code).toBe(128 + 9);
    expect(readFileSync(join(folder, 'ema.safetensors'), 'utf8')).toBe('old');
  });

  it('holds the average and one tensor besides, however many checkpoints there are', async () => {
    const folder = emptyFolder();
    manyCheckpoints(folder, { count: 30, tensors: 16, bytes: 4 * MB });
    const report = "process.on('exit', () => console.log(process.resourceUsage().maxRSS));";
    writeFileSync(join(folder, 'report.cjs'), report);
    const env = { NODE_OPTIONS: `--require ${join(folder, 'report.cjs')}` };
    const { code, stdout } = await rxEma.run(
      ['weights', 'run', '--decay', '0.9', '-o', 'ema.safetensors'],
      folder,
      env,
    );
    expect(code).toBe(0);
    const most = Number(stdout) * 1024;
    console.log(`${(most / MB).toFixed(0)} MB at most for a model of 64 MB`);
    expect(most).toBeLessThan(400 * MB); // all of them: 1.9 GB
  });
});

/** One checkpoint under many names. */
function manyCheckpoints(
  folder: string,
  { count, tensors, bytes }: Record<'count' | 'tensors' | 'bytes', number>,
): void {
  mkdirSync(join(folder, 'run'));
  const names = Array.from({ length: tensors }, (_, i) => `w${i}`);
  const weights = Object.fromEntries(names.map((name) => [name, new Float32Array(bytes / 4).fill(1)]));
  toSafetensors(join(folder, 'run/0.safetensors'), weights);
  for (let i = 1; i < count; i++) linkSync(join(folder, 'run/0.safetensors'), join(folder, `run/${i}.safetensors`));
}
