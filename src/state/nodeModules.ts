import { SmoothingError, type SmoothingErrorCode } from '../errors.js';

/** @internal Node's modules that the readers and writers of files need. */
interface NodeModules {
  readonly fs: typeof import('node:fs');
  readonly path: typeof import('node:path');
  readonly zlib: typeof import('node:zlib');
}

/**
 * Node's modules, found when they are called for: no bundler for the browser sees an import that it could not resolve.
 *
 * @internal
 * @param caller - the function that only Node has a use for
 * @param code - of the SmoothingError that is thrown elsewhere, and in a Node that doesn't give its modules: before 20.16, and before 22.3
 */
export function nodeModules(caller: string, code: SmoothingErrorCode): NodeModules {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const find = process?.getBuiltinModule?.bind(process);
  if (find === undefined) {
    throw new SmoothingError(
      code,
      `${caller} must run in Node >= 20.16 < 21, or >= 22.3, got ${process?.version ?? 'no Node'}`,
    );
  }
  return { fs: find('node:fs'), path: find('node:path'), zlib: find('node:zlib') };
}
