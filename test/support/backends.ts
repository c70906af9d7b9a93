import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe } from 'vitest';
import { describeWith, nativeTfjs } from './need.js';

export type Backend = 'cpu' | 'wasm' | 'tensorflow';

/** All that Node has. `tensorflow` is the native one, of tfjs-node. */
export const BACKENDS: readonly Backend[] = ['cpu', 'wasm', 'tensorflow'];

// Keeps tfjs from printing its greeting, and lets its engine check every kernel for leaks.
tf.env().set('IS_TEST', true);
setThreadsCount(1);

/**
 * The same tests on one backend or several: a `describe` for each, with the backend active before its first test.
 * All share tfjs's one engine, so a file runs them one after the other, as vitest does with suites.
 *
 * @example
 * ```ts
 * withBackends(BACKENDS, 'emaScan of tensors', (backend) => {
 *   it('emits a tensor', () => expect(tf.memory().numTensors).toBe(0));
 * });
 * ```
 */
export function withBackends(backends: readonly Backend[], name: string, body: (backend: Backend) => void): void {
  for (const backend of backends) {
    const title = `${name} (${backend})`;
    const suite = () => {
      beforeAll(() => use(backend));
      body(backend);
    };
    if (backend === 'tensorflow') describeWith(nativeTfjs, title, suite);
    else describe(title, suite);
  }
}

/** Makes `backend` the active one. */
export async function use(backend: Backend): Promise<void> {
  if (backend === 'tensorflow') await loadNative();
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its backend ${backend}`);
  await tf.ready();
}

/** tfjs-node is optional, so its types may be absent: the name is not one that the compiler sees. */
async function loadNative(): Promise<void> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Node 23 dropped two functions that tfjs-node 4.22 calls
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  const name = '@tensorflow/tfjs-node';
  await import(name);
}

export { tf };
