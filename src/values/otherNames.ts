import { SmoothingError } from '../errors.js';

/** Names are not those of the first weights: which are gone, which came, and whether all that happened is another prefix. */
export function otherNames(gone: readonly string[], come: readonly string[]): SmoothingError {
  const prefix = changedPrefix(gone, come);
  const parts = prefix === null ? [] : [prefix.text];
  const [lost, found] = [gone, come].map((names) => names.filter((name) => !prefix?.names.has(name))) as [
    string[],
    string[],
  ];
  if (lost.length > 0) parts.push(`none for ${few(lost)}`);
  if (found.length > 0) parts.push(`${few(found)} besides`);
  return new SmoothingError(
    'NAMES_MISMATCH',
    `the weights must have the names of the first ones, got ${parts.join(' and ')}`,
  );
}

/** The prefix with which all of the shorter list are in the longer one, if there is one, and the names that it explains. */
function changedPrefix(gone: readonly string[], come: readonly string[]) {
  const fewer = gone.length <= come.length ? gone : come;
  const more = fewer === gone ? come : gone;
  const known = new Set(more);
  const [first] = fewer;
  if (first === undefined) return null;
  for (const other of more) {
    const end = commonEnd(first, other);
    const [from, to] = [first, other].map((name) => name.slice(0, name.length - end.length)) as [string, string];
    if (end === '' || (from !== '' && to !== '' && !/^[./]/.test(end))) continue; // of two prefixes, whole parts
    const renamed = (name: string): string => to + name.slice(from.length);
    if (!fewer.every((name) => name.startsWith(from) && known.has(renamed(name)))) continue;
    const [before, after] = fewer === gone ? [from, to] : [to, from];
    const example = fewer === gone ? other : first;
    const text = after === '' ? `'${example}' without '${before}' in front` : `'${example}' with '${after}' in front`;
    return {
      text: before === '' || after === '' ? text : `${text} instead of '${before}'`,
      names: new Set([...fewer, ...fewer.map(renamed)]),
    };
  }
  return null;
}

function commonEnd(a: string, b: string): string {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length++;
  return a.slice(a.length - length);
}

const few = (names: readonly string[]): string => {
  const quoted = names.slice(0, 3).map((name) => `'${name}'`);
  if (names.length <= 1) return quoted.join('');
  return `${names.length} (${quoted.join(', ')}${names.length > 3 ? ', …' : ''})`;
};
