import { failure, said } from '../failure.js';

/**
 * A package that some users have not installed, loaded where it is called for. Its name is no literal inside `import(…)`: a
 * bundler for the browser would look for it.
 *
 * @param name - as `npm i` takes it
 * @param caller - the function that needs it
 * @param load - what imports it, where that is a module of this package's own
 * @throws SmoothingError `PACKAGE_MISSING`, which says what to install
 */
export async function optionalPackage<T>(
  name: string,
  caller: string,
  load: () => Promise<unknown> = () => import(/* webpackIgnore: true */ /* @vite-ignore */ name),
): Promise<T> {
  try {
    return (await load()) as T;
  } catch (error) {
    throw failure(
      'PACKAGE_MISSING',
      `${caller} must find the package ${name}: npm i ${name}, got none (${said(error)})`,
      error,
    );
  }
}
