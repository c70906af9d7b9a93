import { SmoothingError } from '../errors.js';

interface Names {
  include?: readonly string[];
  exclude?: readonly string[];
}

/** Copies of an object's own plain attributes; none that start with `_`. */
export function attributesOf(from: object, { include, exclude = [] }: Names): Record<string, unknown> {
  const own = from as Readonly<Record<string, unknown>>;
  for (const name of include ?? []) {
    if (!name.startsWith('_') && isPlain(own[name], 0)) continue;
    throw new SmoothingError('OPTION_VALUE', `include must name plain attributes without a leading _, got '${name}'`);
  }
  const names = (include ?? Object.keys(from)).filter((name) => {
    return !name.startsWith('_') && !exclude.includes(name) && isPlain(own[name], 0);
  });
  return structuredClone(Object.fromEntries(names.map((name) => [name, own[name]])));
}

/** What JSON keeps as it is. */
function isPlain(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth > 8) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((one) => isPlain(one, depth + 1));
}
