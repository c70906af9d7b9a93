import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';

/** What only Kafka's own tools can do. Each call takes a second or two: it starts a Java. */
export interface Administration {
  /** Removes what lies before these offsets, by partition, as retention does. */
  trim(topic: string, offsets: readonly number[]): Promise<void>;
  /** All settings of a topic that are its own, by name. */
  configOf(topic: string): Promise<Record<string, string>>;
  /** Changes settings of a topic. */
  configure(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
  /** Gives one of a cluster's `users` a right, as `allow('ada', 'Read', 'topic', 'in')`. */
  allow(user: string, operation: string, kind: Kind, name: string): Promise<void>;
  /** Takes one back that it gave. */
  disallow(user: string, operation: string, kind: Kind, name: string): Promise<void>;
}

type Kind = 'topic' | 'group' | 'transactional-id';

/** @param cluster - which must be running */
export function administrationOf(cluster: Cluster): Administration {
  const server = ['--bootstrap-server', cluster.bootstrap];
  const ofTopic = (topic: string) => [...server, '--entity-type', 'topics', '--entity-name', topic];
  return {
    trim: async (topic, offsets) => {
      const partitions = offsets.map((offset, partition) => ({ topic, partition, offset }));
      await withFile(JSON.stringify({ partitions, version: 1 }), (file) =>
        cluster.tool('org.apache.kafka.tools.DeleteRecordsCommand', [...server, '--offset-json-file', file]),
      );
    },
    configOf: async (topic) => {
      const printed = await cluster.tool('kafka.admin.ConfigCommand', [...ofTopic(topic), '--describe']);
      const lines = [...printed.matchAll(/^ {2}(\S+?)=(.*?) sensitive=/gm)];
      return Object.fromEntries(lines.map(([, name, value]) => [name, value]));
    },
    configure: async (topic, config) => {
      const settings = Object.entries(config).map(([name, value]) => `${name}=[${value}]`);
      await cluster.tool('kafka.admin.ConfigCommand', [
        ...ofTopic(topic),
        '--alter',
        '--add-config',
        settings.join(','),
      ]);
    },
    allow: async (...right) => {
      await cluster.tool(ACLS, [...server, '--add', ...asFlags(right)]);
    },
    disallow: async (...right) => {
      await cluster.tool(ACLS, [...server, '--remove', '--force', ...asFlags(right)]);
    },
  };
}

const ACLS = 'org.apache.kafka.tools.AclCommand';

function asFlags([user, operation, kind, name]: Parameters<Administration['allow']>): string[] {
  return ['--allow-principal', `User:${user}`, '--operation', operation, `--${kind}`, name];
}

async function withFile(text: string, use: (file: string) => Promise<unknown>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
  try {
    const file = join(folder, 'file.json');
    writeFileSync(file, text);
    await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
