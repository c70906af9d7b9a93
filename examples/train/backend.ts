import * as tf from '@tensorflow/tfjs';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import util from 'node:util';
import { UsageError, type BackendName } from './options.js';

export interface Backend {
  readonly tf: typeof tf;
  readonly name: BackendName;
  /** Why this one. */
  readonly because: string;
}

/** tfjs on the backend that was asked for; else on the native one where it is installed and loads, else on wasm. */
export async function startBackend(wanted?: BackendName): Promise<Backend> {
  tf.enableProdMode(); // tfjs greets and advises on the terminal otherwise
  if (wanted !== undefined) return use(wanted, '--backend says so');
  try {
    return await use('node', '@tensorflow/tfjs-node is installed');
  } catch (error) {
    return use('wasm', (error as Error).message);
  }
}

async function use(name: BackendName, because: string): Promise<Backend> {
  if (name === 'node') await loadNative();
  if (name === 'wasm') setThreadsCount(1); // matrices this small: threads would only wait for each other
  if (!(await tf.setBackend(name === 'node' ? 'tensorflow' : name)))
    throw new UsageError(`tfjs could not start ${name}`);
  await tf.ready();
  return { tf, name, because };
}

/** An optional dependency, which may be absent, or there without a library that fits this machine. */
async function loadNative(): Promise<void> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // Node 23 dropped two functions that tfjs-node 4.22 calls
  const dropped = { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray };
  for (const [name, own] of Object.entries(dropped)) Reflect.set(util, name, Reflect.get(util, name) ?? own);
  const name = '@tensorflow/tfjs-node';
  try {
    await import(name);
  } catch (error) {
    const absent = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    const [first] = (error as Error).message.split('\n');
    throw new UsageError(absent ? `${name} is not installed` : `${name} does not load: ${first}`, { cause: error });
  }
}
