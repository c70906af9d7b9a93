import { ModelEma } from 'rx-ema';
import { nativeTfjs } from '../support/need.js';
import { BACKENDS, tf, use, type Backend } from '../support/backends.js';
import { type Contest, type Size } from './harness.js';
import { torch } from './torch.js';

const DECAY = 0.99;
/** Elements that are updated between two looks at the result, so that looking weighs little. */
const BETWEEN = 1e6;

interface Map {
  readonly name: string;
  readonly elements: number;
  readonly tensors: number;
}

const SMOKE: readonly Map[] = [
  { name: '10³', elements: 1000, tensors: 1 },
  { name: '4 × 10³', elements: 4000, tensors: 4 },
];
const FULL: readonly Map[] = [
  { name: '10³', elements: 1e3, tensors: 1 },
  { name: '10⁶', elements: 1e6, tensors: 1 },
  { name: '25·10⁶', elements: 25e6, tensors: 1 },
  { name: '25·10⁶ in 160', elements: 25e6, tensors: 160 },
];

/** `ModelEma` in each kind of memory against what else moves weights there. */
export async function* weights(size: Size): AsyncGenerator<Contest> {
  const maps = size.smoke ? SMOKE : FULL;
  yield* inArrays(maps, size);
  const backends = BACKENDS.filter((backend) => backend !== 'tensorflow' || nativeTfjs.find() !== null);
  for (const backend of backends) {
    await use(backend);
    for (const map of maps) if (backend !== 'cpu' || map.elements <= 1e6) yield* onBackend(backend, map);
    if (backend !== 'cpu') yield* manyAgainstOne(backend, maps.slice(-2), tensors);
  }
}

function* inArrays(maps: readonly Map[], { smoke, torch: withTorch }: Size): Generator<Contest> {
  const peers = withTorch ? torch(maps, turnsOf, smoke ? 3 : 9) : null;
  for (const map of maps) {
    for (const missing of ['skip', 'propagate'] as const) {
      const ours = averaged(map, arrays, { missing });
      const contest = {
        name: `weights in arrays, ${map.name}${missing === 'skip' ? '' : ', unguarded'}`,
        unit: 'element',
        count: turnsOf(map) * map.elements,
        ours: ours.run,
        expected: 1,
        tolerance: 1e-4,
      };
      yield { ...contest, peerName: 'memcpy', peer: copying(map) };
      if (peers !== null) {
        const peer = peers.cases[map.name]!;
        yield { ...contest, peerName: peers.name, peer, aim: missing === 'skip' ? 2.2 : 1.8 };
      }
      ours.end();
    }
  }
  yield* twoTermsAgainstOne(maps[maps.length > 2 ? 1 : 0]!);
  yield* manyAgainstOne('arrays', maps.slice(-2), arrays);
}

/** What the second term of each average costs. */
function* twoTermsAgainstOne(map: Map): Generator<Contest> {
  const [ours, peer] = [averaged(map, arrays, { compensated: true }), averaged(map, arrays, {})];
  yield {
    name: `weights in arrays, ${map.name}, compensated`,
    unit: 'element',
    count: turnsOf(map) * map.elements,
    peerName: 'ours, one term',
    ours: ours.run,
    peer: peer.run,
    expected: 1,
    tolerance: 1e-4,
  };
  ours.end();
  peer.end();
}

const AIMS: Readonly<Record<Backend, { chain?: number; where?: number; unguarded?: number }>> = {
  cpu: { chain: 0.15 },
  wasm: { chain: 1 },
  tensorflow: { chain: 0.85, where: 0.5, unguarded: 0.65 },
};

function* onBackend(backend: Backend, map: Map): Generator<Contest> {
  const aims = AIMS[backend];
  const rows = [
    ['skip', 'op chain, unguarded', false, aims.chain],
    ['skip', 'op chain, where(isFinite)', true, aims.where],
    ['propagate', 'op chain, unguarded', false, aims.unguarded],
  ] as const;
  for (const [missing, peerName, guarded, aim] of rows) {
    const ours = averaged(map, tensors, { missing });
    const peer = chained(map, guarded);
    yield {
      name: `weights on ${backend}, ${map.name}${missing === 'skip' ? '' : ', unguarded'}`,
      unit: 'element',
      count: turnsOf(map) * map.elements,
      peerName,
      ours: ours.run,
      peer: peer.run,
      expected: 1,
      tolerance: 1e-4,
      aim,
    };
    ours.end();
    peer.end();
  }
}

/** The same elements in many tensors and in one. */
function* manyAgainstOne(where: string, [one, many]: readonly Map[], make: Make): Generator<Contest> {
  const [ours, peer] = [averaged(many!, make, {}), averaged({ ...one!, elements: many!.elements }, make, {})];
  yield {
    name: `weights ${where === 'arrays' ? 'in' : 'on'} ${where}, ${many!.name}`,
    unit: 'element',
    count: turnsOf(many!) * many!.elements,
    peerName: 'ours, one tensor',
    ours: ours.run,
    peer: peer.run,
    expected: 1,
    tolerance: 1e-4,
    aim: 1.3,
  };
  ours.end();
  peer.end();
}

interface Way {
  readonly run: () => number;
  readonly end: () => void;
}
type Weight = Float32Array | tf.Tensor;
type Make = (values: Float32Array) => Weight;

const arrays: Make = (values) => values;
const tensors: Make = (values) => tf.keep(tf.tensor1d(values));

const turnsOf = ({ elements }: Map): number => Math.ceil(BETWEEN / elements);
const START = 4;
const END = 1;

function mapOf({ elements, tensors }: Map, value: number, make: Make): Record<string, Weight> {
  const n = elements / tensors;
  const names = Array.from({ length: tensors }, (_, i) => `layer${i}/kernel`);
  return Object.fromEntries(names.map((name) => [name, make(new Float32Array(n).fill(value))]));
}

const first = (weight: Weight): number =>
  weight instanceof Float32Array ? weight[0]! : tf.tidy(() => tf.slice(weight, [0], [1]).dataSync()[0]!);

/** What the average of START and then END alone came to, relative to what it should after so many updates: 1 if it is right. */
const rightness = (value: number, updates: number): number => value / (END + (START - END) * DECAY ** updates);

function averaged(map: Map, make: Make, options: { missing?: 'skip' | 'propagate'; compensated?: boolean }): Way {
  const ema = new ModelEma<Weight>({ decay: DECAY, ...options });
  const begin = mapOf(map, START, make);
  ema.update(begin);
  tf.dispose(begin);
  const next = mapOf(map, END, make);
  return {
    run: () => {
      for (let i = 0; i < turnsOf(map); i++) ema.update(next);
      return rightness(first(Object.values(ema.shadow).at(-1)!), ema.updates);
    },
    end: () => {
      ema.dispose();
      tf.dispose(next);
    },
  };
}

/** `s.assign(add(s, mul(a, sub(x, s))))`, variable by variable. */
function chained(map: Map, guarded: boolean): Way {
  const begin = Object.values(mapOf(map, START, tensors)) as tf.Tensor[];
  const variables = begin.map((value) => tf.variable(value));
  tf.dispose(begin);
  const next = Object.values(mapOf(map, END, tensors)) as tf.Tensor[];
  const share = tf.keep(tf.scalar(1 - DECAY));
  let updates = 0;
  const step = (s: tf.Variable, x: tf.Tensor): void => {
    const gap = tf.sub(x, s);
    s.assign(tf.add(s, tf.mul(share, guarded ? tf.where(tf.isFinite(gap), gap, tf.zerosLike(gap)) : gap)));
  };
  return {
    run: () => {
      for (let turn = 0; turn < turnsOf(map); turn++) {
        updates++;
        for (const [i, s] of variables.entries()) tf.tidy(() => step(s, next[i]!));
      }
      return rightness(first(variables.at(-1)!), updates);
    },
    end: () => tf.dispose([...variables, ...next, share]),
  };
}

/** What moving so many bytes takes at least. */
function copying(map: Map): () => number {
  const [to, from] = [mapOf(map, START, arrays), mapOf(map, END, arrays)] as Record<string, Float32Array>[];
  return () => {
    for (let i = 0; i < turnsOf(map); i++) for (const name of Object.keys(from!)) to![name]!.set(from![name]!);
    return Object.values(to!).at(-1)![0]!;
  };
}
