import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

import { packageFile } from '../packageFile.js';
import { HEADERS, refuse } from './headers.js';

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

/** Answers with a file of the built page: the names are those of one folder, so that no path leads out of it. */
export async function pageFile(path: string, response: ServerResponse): Promise<void> {
  const [, name, kind] = /^\/([\w-]+\.(html|js|css))$/.exec(path === '/' ? '/index.html' : path) ?? [];
  const bytes = name === undefined ? null : await readFile(packageFile(`dist/page/${name}`)).catch(() => null);
  if (bytes === null) return refuse(response, 404, 'no such file');
  const type = `${TYPES[kind!]}; charset=utf-8`;
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': bytes.length }).end(bytes);
}
