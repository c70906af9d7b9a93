import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** A minified browser bundle. */
export interface Bundle {
  readonly code: string;
  /** The files in it, as paths from `folder`, and what is left to be imported. */
  readonly inputs: readonly string[];
  readonly imports: readonly string[];
  readonly gzippedBytes: number;
}

/** Bundles a module, given as text that stands in `folder`, for the browser. */
export async function bundle(source: string, folder: string, external: readonly string[] = []): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: [...external],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const [file] = outputFiles;
  if (output === undefined || file === undefined) throw new Error('esbuild wrote nothing');
  return {
    code: file.text,
    inputs: Object.keys(output.inputs),
    imports: output.imports.map(({ path }) => path),
    gzippedBytes: gzipSync(file.contents, { level: 9 }).length,
  };
}
