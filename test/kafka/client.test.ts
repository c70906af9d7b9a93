import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { ROOT, writeFiles } from '../support/workspace.js';
import { kafka } from './support/needKafka.js';

describeWith(kafka, 'node-rdkafka', (client) => {
  let folder = '';
  beforeAll(() => {
    mkdirSync(join(ROOT, '.cache'), { recursive: true }); // where imports resolve as in a file of ours
    folder = mkdtempSync(join(ROOT, '.cache', 'client-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What tsc says to a file with this line beneath the imports. */
  const saidTo = (line: string): string => {
    writeFiles(folder, {
      'client.ts': `
        import type { KafkaClient } from '../../src/apps/scale/rdkafka/client.js';
        import rdkafka from 'node-rdkafka';
        ${line}`,
      'tsconfig.json': JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] }),
    });
    try {
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      return execFileSync(tsc, ['-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };

  it('is a client by its types', () => {
    expect(saidTo('export const client: KafkaClient = rdkafka;')).toBe('');
    expect(saidTo('export const client: KafkaClient["AdminClient"] = rdkafka.Producer;')).toContain('error TS2741');
  });

  it('is a client as it is imported', async () => {
    const name = 'node-rdkafka'; // whose types are not there where it isn't
    expect(((await import(name)) as { default: unknown }).default).toBe(client);
    expect(client.Producer.prototype).toHaveProperty('sendOffsetsToTransaction');
    expect(client.KafkaConsumer.prototype).toHaveProperty('incrementalAssign');
    expect(client.AdminClient).toHaveProperty('create');
  });
});
