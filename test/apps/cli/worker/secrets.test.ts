import { describe, expect, it } from 'vitest';
import { hiding, isSecret } from '../../../../src/apps/cli/worker/secrets.js';

describe('secrets', () => {
  it.each([
    'sasl.password',
    'ssl.key.password',
    'ssl.key.pem',
    'ssl.keystore.password',
    'sasl.oauthbearer.client.secret',
    'sasl.oauthbearer.config',
    'sasl.oauthbearer.assertion.private.key.passphrase',
    'sasl.oauthbearer.assertion.private.key.pem',
    'sasl.jaas.config',
  ])('are what %s says', (name) => {
    expect(isSecret(name)).toBe(true);
  });

  it.each(['sasl.username', 'ssl.key.location', 'ssl.ca.pem', 'sasl.oauthbearer.token.endpoint.url', 'client.id'])(
    'are not what %s says',
    (name) => {
      expect(isSecret(name)).toBe(false);
    },
  );

  it('are taken out as they are, quoted in JSON, in addresses, and line by line', () => {
    const config = {
      'sasl.password': 'a "b"\\c&d',
      'ssl.key.pem': '-----BEGIN PRIVATE KEY-----\nMIIabc\nxyz=\n-----END PRIVATE KEY-----\n',
      'sasl.username': 'fleet',
    };
    const hide = hiding(config);
    const text = [
      'bad a "b"\\c&d of fleet',
      JSON.stringify(config),
      `http://fleet:${encodeURIComponent(config['sasl.password'])}@host`,
      'line MIIabc',
      config['ssl.key.pem'],
    ].join('\n');
    const hidden = hide(text);
    for (const secret of ['"b"', 'b\\"', '%22', 'MIIabc', 'xyz']) expect(hidden).not.toContain(secret);
    expect(hidden).toContain('bad *** of fleet');
  });

  it('leave nothing of one that begins as another does', () => {
    expect(hiding({ 'sasl.password': 'abc', 'ssl.key.password': 'abcdef' })('abcdef abc')).toBe('*** ***');
  });

  it('leave text alone where there are none', () => {
    expect(hiding({ 'sasl.password': '', 'client.id': 'x' })('x and $& y')).toBe('x and $& y');
    expect(hiding({ 'sasl.password': '$&' })('x and $& y')).toBe('x and *** y');
  });
});
