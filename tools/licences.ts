import type { Metafile } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly repository?: string | { readonly url: string };
}

/**
 * The licences of what was bundled, package by package, as they want it of whoever passes their code on.
 *
 * @param root - the folder that `node_modules` and the paths of the bundles are in
 * @param bundles - what esbuild says about each
 * @param others - packages of which files were copied
 */
export function licences(root: string, bundles: readonly Metafile[], others: readonly string[]): string {
  const packages = new Set(others);
  for (const { inputs } of bundles) {
    for (const path of Object.keys(inputs)) {
      const own = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (own !== null) packages.add(own[0].slice(own[0].indexOf('node_modules/') + 'node_modules/'.length, -1));
    }
  }
  return [...packages]
    .sort()
    .map((name) => licenceOf(join(root, 'node_modules', name)))
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license, repository } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Manifest;
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  if (text === '' && license === undefined) throw new Error(`${name} must say its licence, got none`);
  const source = typeof repository === 'object' ? repository.url : repository;
  const where = text === '' ? `Text: https://spdx.org/licenses/${license}.html\n` : '';
  return `${name} ${version}\nLicence: ${license ?? 'below'}\nSource: ${source === undefined ? `https://www.npmjs.com/package/${name}` : address(source)}\n${where}${text}`;
}

/** As a browser takes it, whichever of npm's ways to write it a package has. */
function address(repository: string): string {
  const path = repository.replace(/^(git\+)?(https?|ssh|git):\/\/(git@)?github\.com\/|^git@github\.com:|^github:/, '');
  return /^[^/:]+\/[^/:]+$/.test(path) ? `https://github.com/${path.replace(/\.git$/, '')}` : repository;
}
