const SECRET = /(password|passphrase|secret|token|jaas\.config|oauthbearer\.config|key\.pem)$/i;
const HIDDEN = '***';

/** Whether a setting of librdkafka is nobody's business. */
export function isSecret(setting: string): boolean {
  return SECRET.test(setting);
}

/**
 * Takes the secrets of some settings out of text, also where it quotes them as JSON, or a line of a key.
 *
 * @returns a function of the text
 */
export function hiding(config: Readonly<Record<string, string | number | boolean>>): (text: string) => string {
  const secrets = Object.entries(config).flatMap(([name, value]) => (isSecret(name) ? formsOf(String(value)) : []));
  const longestFirst = [...new Set(secrets)].sort((a, b) => b.length - a.length); // one may be part of another
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, () => HIDDEN), text);
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => !/^-----(BEGIN|END) /.test(line));
  const forms = [secret, secret.trim(), JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...lines];
  return forms.filter((form) => form !== '');
}
