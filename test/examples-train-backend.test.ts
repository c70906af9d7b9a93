import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, nativeTfjs } from './support/need.js';
import { ROOT } from './support/workspace.js';

const url = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;

/** One epoch of the main job; `failure` is what importing tfjs-node throws, as the source of an expression. */
function train(flags: readonly string[], failure?: string) {
  const hook = `export async function resolve(name, context, next) {
    if (name === '@tensorflow/tfjs-node') throw ${failure};
    return next(name, context);
  }`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(url(hook))});`;
  const hooks = failure === undefined ? [] : ['--import', url(register)];
  const out = join(tmpdir(), `rx-ema-backend-${process.pid}`);
  const args = ['--import', 'tsx', ...hooks, 'train/main.ts', '--epochs', '1', '--out', out, ...flags];
  return spawnSync(process.execPath, args, { cwd: join(ROOT, 'examples'), encoding: 'utf8' });
}

const ABSENT = "Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })";
const BROKEN = "new Error('libtensorflow.so.2: cannot open\\nRequire stack:')";

it('takes wasm where tfjs-node is not installed, and says so', () => {
  const { status, stdout, stderr } = train([], ABSENT);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^backend +wasm: @tensorflow\/tfjs-node is not installed$/m);
});

it('takes wasm where tfjs-node is there and does not load, and says why', () => {
  const { status, stdout, stderr } = train([], BROKEN);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^backend +wasm: @tensorflow\/tfjs-node does not load: libtensorflow\.so\.2: cannot open$/m);
});

it('takes no other when it was asked for the native one', () => {
  const { status, stdout, stderr } = train(['--backend', 'node'], ABSENT);
  expect([status, stdout, stderr]).toEqual([2, '', '@tensorflow/tfjs-node is not installed\n']);
});

it('trains on cpu without tfjs greeting', () => {
  const { status, stdout, stderr } = train(['--backend', 'cpu']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^model.*\nbackend +cpu: --backend says so\npage/);
});

describeWith(nativeTfjs, 'with the native backend', () => {
  it('takes it, and says so', () => {
    const { status, stdout, stderr } = train([]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^model.*\nbackend +node: @tensorflow\/tfjs-node is installed\npage/);
  });
});
