// Compiles src/kernels/assembly/lerp32.ts and writes its bytes into src/kernels/lerp32Bytes.ts: `npm run build:wasm`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FLAGS = '-O3 --noAssert --runtime stub --importMemory --noExportMemory --enable simd';

/** The bytes of the kernel, as its source has them now. */
export function compiled(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-wasm-'));
  try {
    const out = join(folder, 'lerp32.wasm');
    const args = ['src/kernels/assembly/lerp32.ts', '--outFile', out, ...FLAGS.split(' ')];
    execFileSync(process.execPath, [join(ROOT, 'node_modules/assemblyscript/bin/asc.js'), ...args], { cwd: ROOT });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = compiled()
    .toString('base64')
    .match(/.{1,110}/g)!
    .map((line) => `  '${line}'`);
  writeFileSync(
    join(ROOT, 'src/kernels/lerp32Bytes.ts'),
    `/** assembly/lerp32.ts, compiled by \`npm run build:wasm\`. */\nexport const LERP32: string =\n${lines.join(' +\n')};\n`,
  );
}
