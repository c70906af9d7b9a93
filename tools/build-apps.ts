// Bundles what is run and not imported: the command into dist/cli, the dashboard's page into dist/page. Everything but the
// package's own dependencies goes in, so that users of the operators install nothing for it; beside the command what plots
// are drawn with, and the licences of all that is passed on.
import { build } from 'esbuild';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { licences } from './licences.js';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { dependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

const shared = {
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  absWorkingDir: at(''),
} as const;

const cli = await build({
  ...shared,
  entryPoints: { main: at('src/apps/cli/main.ts') },
  outdir: at('dist/cli'),
  platform: 'node',
  target: 'node20.16',
  external: [...Object.keys(dependencies), 'lz4-napi', 'zstddec'],
  // commonjs packages call require for Node's own modules
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
  },
});

const page = await build({
  ...shared,
  entryPoints: { page: at('src/apps/dashboard/page/main.tsx'), worker: at('src/apps/dashboard/page/worker.ts') },
  outdir: at('dist/page'),
  platform: 'browser',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
});
cpSync(at('src/apps/dashboard/page/index.html'), at('dist/page/index.html'));

const drawing = {
  'resvg.wasm': '@resvg/resvg-wasm/index_bg.wasm',
  'DejaVuSans.ttf': 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
};
for (const [name, file] of Object.entries(drawing)) cpSync(at(`node_modules/${file}`), at(`dist/cli/${name}`));
const copied = ['@resvg/resvg-wasm', 'dejavu-fonts-ttf'];
writeFileSync(at('dist/cli/LICENSES.txt'), licences(at(''), [cli.metafile, page.metafile], copied));
