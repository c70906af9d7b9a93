import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/**
 * Something a test needs and a machine may lack.
 *
 * Write `describeWith(chromium, 'the page', (path) => { it(…) })`. Where the thing is absent the body is not run: under
 * CI the suite fails and says what to install, elsewhere it is skipped and the closing list of the run says why.
 */
export interface Need<T> {
  readonly name: string;
  /** What to do about it, as a sentence. */
  readonly remedy: string;
  /** The thing, or null. */
  find(): T | null;
}

/** The compiled addon of @tensorflow/tfjs-node. Its path; load it with `support/backends`. */
export const nativeTfjs: Need<string> = {
  name: 'the native tfjs-node',
  remedy: 'Run `bash tools/build-tfjs-node.sh`.',
  find() {
    const lib = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-node/lib/', import.meta.url));
    const addons = ['napi-v8', 'napi-v9', 'napi-v10'].map((abi) => join(lib, abi, 'tfjs_binding.node'));
    return addons.find((path) => existsSync(path)) ?? null;
  },
};

/** A Chromium to hand to playwright-core as `executablePath`. */
export const chromium: Need<string> = {
  name: 'Chromium',
  remedy: 'Run `apt-get install chromium`, or put `chromium` on the PATH.',
  find() {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    const names = ['chromium', 'chromium-browser', 'google-chrome'];
    const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
    return paths.find((path) => existsSync(path)) ?? null;
  },
};

/** The package registry, for tests that install the packed package. */
export const registry: Need<true> = {
  name: 'the package registry',
  remedy: 'Make `npm view rxjs version` work.',
  find() {
    try {
      execFileSync('npm', ['view', 'rxjs', 'version'], { stdio: 'ignore', timeout: 60_000 });
      return true;
    } catch {
      return null;
    }
  },
};

/** A `describe` whose body gets what it needs; see {@link Need}. */
export function describeWith<T>(need: Need<T>, name: string, body: (thing: T) => void): void {
  const thing = need.find();
  describe(name, () => {
    if (thing !== null) {
      body(thing);
      return;
    }
    it(`needs ${need.name}`, ({ skip }) => absent(need, process.env['CI'], skip));
  });
}

/** Fails where `ci` is set to anything but 'false', else skips, saying why. */
export function absent(need: Need<unknown>, ci: string | undefined, skip: (why: string) => void): void {
  const why = `${need.name} was not found. ${need.remedy}`;
  if (ci !== undefined && ci !== '' && ci !== 'false') throw new Error(why);
  skip(why);
}
