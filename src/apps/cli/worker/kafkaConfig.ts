import { readFileSync } from 'node:fs';

import { said } from '../../../failure.js';
import { UsageError } from '../usageError.js';
import { isSecret } from './secrets.js';
import type { WorkerFlags } from './workerFlags.js';

/** Settings of librdkafka by name. */
export type KafkaConfig = Record<string, string | number | boolean>;

const PREFIX = 'RX_EMA_KAFKA_';

/**
 * The settings of librdkafka that a user has said: in a file, before it in the environment, before that in flags.
 *
 * @throws UsageError for a file that can't be read, a secret among the flags; none of them quotes a value
 */
export function kafkaConfig(flags: Pick<WorkerFlags, 'config' | 'configFile'>, env: NodeJS.ProcessEnv): KafkaConfig {
  return {
    ...(flags.configFile !== undefined && ofFile(flags.configFile)),
    ...ofEnvironment(env),
    ...Object.fromEntries((flags.config ?? []).map(ofFlag)),
  };
}

function ofFlag(text: string): [string, string] {
  const [name, value] = setting(text) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError('--config must be key=value, got no = behind a key');
  if (!isSecret(name)) return [name, value];
  const variable = `${PREFIX}${name.toUpperCase().replaceAll('.', '_')}`;
  const where = `say it in ${variable} or a --config-file`;
  throw new UsageError(
    `--config must hold no secret, which all users of this machine could read, got ${name}: ${where}`,
  );
}

function ofEnvironment(env: NodeJS.ProcessEnv): KafkaConfig {
  const entries = Object.entries(env).filter(([name]) => name.startsWith(PREFIX) && name.length > PREFIX.length);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.slice(PREFIX.length).toLowerCase().replaceAll('_', '.'), value ?? '']),
  );
}

function ofFile(path: string): KafkaConfig {
  const text = textOf(path);
  return text.trimStart().startsWith('{') ? ofJson(text, path) : ofLines(text, path);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`--config-file must be a file that can be read, got '${path}': ${said(error)}`);
  }
}

function ofLines(text: string, path: string): KafkaConfig {
  const config: KafkaConfig = {};
  for (const [i, line] of text.split('\n').entries()) {
    if (/^\s*([#!]|$)/.test(line)) continue;
    const [name, value] = setting(line) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(`'${path}' line ${i + 1} must be key=value`);
    config[name] = value;
  }
  return config;
}

function ofJson(text: string, path: string): KafkaConfig {
  const config = parsed(text, path);
  const odd = Object.keys(config).find((name) => !['string', 'number', 'boolean'].includes(typeof config[name]));
  if (odd === undefined) return config as KafkaConfig;
  throw new UsageError(`'${path}' must hold texts, numbers, true and false, got another value of ${odd}`);
}

function parsed(text: string, path: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    const where = /(?:line \d+ column|position) \d+/.exec(said(error))?.[0] ?? 'its end'; // the rest of it quotes the file
    throw new UsageError(`'${path}' must be JSON, or lines of key=value, got something else at ${where}`);
  }
}

function setting(line: string): [string, string] | null {
  const at = line.indexOf('=');
  return at > 0 ? [line.slice(0, at).trim(), line.slice(at + 1).trim()] : null;
}
