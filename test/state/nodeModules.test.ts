import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from 'rx-ema/sources';
import { afterEach, expect, it, vi } from 'vitest';
import { nodeModules } from '../../src/state/nodeModules.js';
import { refusal } from '../refusal.js';
import { ROOT } from '../support/workspace.js';

afterEach(() => vi.unstubAllGlobals());

it('gives Node’s own modules', () => {
  expect(nodeModules('anyone', 'SOURCE_UNREADABLE').fs.readFileSync).toBe(readFileSync);
});

it('says which Node it takes, as package.json does, where there is an older one or none', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('>=20.16 <21 || >=22.3');
  const must = 'readSafetensors must run in Node >= 20.16 < 21, or >= 22.3, got ';
  for (const [process, got] of [
    [{ version: 'v22.2.0' }, 'v22.2.0'],
    [undefined, 'no Node'],
  ] as const) {
    vi.stubGlobal('process', process);
    const { code, message } = refusal(() => readSafetensors('w.safetensors'));
    expect([code, message]).toEqual(['SOURCE_UNREADABLE', must + got]);
  }
});
