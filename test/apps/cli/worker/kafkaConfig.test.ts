import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokersOf } from '../../../../src/apps/cli/worker/brokersOf.js';
import { kafkaConfig } from '../../../../src/apps/cli/worker/kafkaConfig.js';
import { UsageError } from '../../../../src/apps/cli/usageError.js';
import { emptyFolder } from '../../../support/emptyFolder.js';

function fileOf(text: string): string {
  const path = join(emptyFolder(), 'kafka.properties');
  writeFileSync(path, text);
  return path;
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('settings of librdkafka', () => {
  it('come from a file, before it from the environment, before that from flags', () => {
    const configFile = fileOf('a=file\nb=file\nc=file\n');
    const env = { RX_EMA_KAFKA_B: 'environment', RX_EMA_KAFKA_C: 'environment', PATH: '/bin' };
    const config = ['c=flag', 'security.protocol = SASL_SSL', 'd=x=y'];
    expect(kafkaConfig({ configFile, config }, env)).toEqual({
      a: 'file',
      b: 'environment',
      c: 'flag',
      'security.protocol': 'SASL_SSL',
      d: 'x=y',
    });
  });

  it('have in the environment underscores for dots', () => {
    const env = {
      RX_EMA_KAFKA_SASL_PASSWORD: ' hunter2=! ',
      RX_EMA_KAFKA_SSL_CA_LOCATION: '/ca.pem',
      RX_EMA_KAFKA_: '',
    };
    expect(kafkaConfig({}, env)).toEqual({ 'sasl.password': ' hunter2=! ', 'ssl.ca.location': '/ca.pem' });
  });

  it('are in a file lines with comments, from any system', () => {
    const configFile = fileOf(
      '\uFEFF# of the fleet\r\n\r\nsasl.username = fleet\r\n! old\r\n  sasl.password=a#b=c\r\n',
    );
    expect(kafkaConfig({ configFile }, {})).toEqual({ 'sasl.username': 'fleet', 'sasl.password': 'a#b=c' });
  });

  it('are in a file JSON as well', () => {
    const configFile = fileOf(
      '\n{ "sasl.password": " a b ", "log_level": 7, "enable.ssl.certificate.verification": false }',
    );
    expect(kafkaConfig({ configFile }, {})).toEqual({
      'sasl.password': ' a b ',
      log_level: 7,
      'enable.ssl.certificate.verification': false,
    });
  });

  it.each(['sasl.password', 'ssl.key.password', 'ssl.key.pem', 'ssl.keystore.password', 'SASL.PASSWORD'])(
    'refuse %s among the flags, and say where it belongs, not what it is',
    (name) => {
      const message = refusal(() => kafkaConfig({ config: [`${name}=hunter2`] }, {}));
      const variable = `RX_EMA_KAFKA_${name.toUpperCase().replaceAll('.', '_')}`;
      expect(message).toBe(
        `--config must hold no secret, which all users of this machine could read, got ${name}: ` +
          `say it in ${variable} or a --config-file`,
      );
    },
  );

  it.each(['sasl.oauthbearer.client.secret', 'sasl.oauthbearer.config', 'sasl.jaas.config'])(
    'refuse %s among the flags too',
    (name) => {
      expect(refusal(() => kafkaConfig({ config: [`${name}=hunter2`] }, {}))).toMatch(/^--config must hold no secret/);
    },
  );

  it.each([
    ['a line', 'sasl.username=me\nsasl.password hunter2\n', /^'.*' line 2 must be key=value$/],
    ['a line without a key', '=hunter2\n', /^'.*' line 1 must be key=value$/],
    ['JSON', '{ "sasl.password": hunter2 }', /^'.*' must be JSON, or lines of key=value, got something else at \w/],
    [
      'half of JSON',
      '{ "sasl.password": "hunter2"',
      /^'.*' must be JSON, or lines of key=value, got something else at /,
    ],
    [
      'a list in JSON',
      '{ "sasl.password": ["hunter2"] }',
      /^'.*' must hold texts, .*, got another value of sasl\.password$/,
    ],
  ])('do not quote %s that they are not in', (_, text, message) => {
    const configFile = fileOf(text);
    const said = refusal(() => kafkaConfig({ configFile }, {}));
    expect(said).toMatch(message);
    expect(said).not.toContain('hunter');
  });

  it('do not quote a flag that is none', () => {
    expect(refusal(() => kafkaConfig({ config: ['sasl.password:hunter2'] }, {}))).toBe(
      '--config must be key=value, got no = behind a key',
    );
  });

  it('must be in a file that can be read', () => {
    const configFile = join(emptyFolder(), 'none');
    expect(refusal(() => kafkaConfig({ configFile }, {}))).toMatch(/^--config-file must be a file .*'.*none': ENOENT/);
  });
});

describe('where the cluster is', () => {
  it('is said by the flag, or by the settings, of which it is none then', () => {
    const config = { 'bootstrap.servers': 'c:1', 'client.id': 'x' };
    expect(brokersOf('a:1,b:2', config)).toEqual({ brokers: 'a:1,b:2', config: { 'client.id': 'x' } });
    expect(brokersOf(undefined, config)).toEqual({ brokers: 'c:1', config: { 'client.id': 'x' } });
    expect(brokersOf(undefined, { 'metadata.broker.list': 'd:1' })).toEqual({ brokers: 'd:1', config: {} });
    expect(() => brokersOf(undefined, {})).toThrow('--brokers must say where the cluster is, as host:port, got none');
  });
});
