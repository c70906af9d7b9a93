/** Not a literal inside `import(…)`: a bundler for the browser would look for the module, and fail, where nobody calls it. */
const module: { readonly name: string } = { name: 'node:fs/promises' };

/** Node's file system, loaded where it is called, so that a browser can hold the modules that may want it. */
export async function nodeFiles(): Promise<typeof import('node:fs/promises')> {
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ module.name)) as typeof import('node:fs/promises');
}
