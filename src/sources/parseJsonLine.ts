/**
 * A value of JSON as Python's `json` writes it: `NaN`, `Infinity` and `-Infinity` are numbers, too.
 *
 * @throws SyntaxError if it is none; `faultIn` says where
 */
export function parseJsonLine(line: string): unknown {
  if (!/NaN|Infinity/.test(line)) return JSON.parse(line) as unknown;
  const withNull = replaced(line, 'null');
  const withTrue = replaced(line, 'true');
  const value: unknown = JSON.parse(withNull);
  // No number of JSON becomes NaN: it is what comes out as null where null stands for it, and as true where true does.
  return withNull === withTrue ? value : withNaN(value, JSON.parse(withTrue));
}

/** Strings are matched first, so that nothing inside them is replaced. */
const NON_FINITE = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\w.])(?:NaN|Infinity)(?!\w)/g;

function replaced(line: string, nan: string): string {
  return line.replace(NON_FINITE, (found) => (found[0] === '"' ? found : found === 'NaN' ? nan : '1e999'));
}

function withNaN(one: unknown, other: unknown): unknown {
  if (one === null && other === true) return NaN;
  if (typeof one !== 'object' || one === null) return one;
  const [into, from] = [one as Record<string, unknown>, other as Record<string, unknown>];
  for (const key of Object.keys(into)) into[key] = withNaN(into[key], from[key]); // each is its own, __proto__ too
  return into;
}
