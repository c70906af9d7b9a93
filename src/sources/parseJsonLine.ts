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

const NON_FINITE = /(?<![\w.])(?:NaN|Infinity)(?!\w)/g;

/** Strings stay as they are. They are not found by a pattern: one with millions of escapes would be too much for its stack. */
function replaced(line: string, nan: string): string {
  let text = '';
  for (let from = 0; from < line.length;) {
    const quote = line.indexOf('"', from);
    const open = quote < 0 ? line.length : quote;
    const end = behindString(line, open);
    text += line.slice(from, open).replace(NON_FINITE, (found) => (found === 'NaN' ? nan : '1e999'));
    text += line.slice(open, end);
    from = end;
  }
  return text;
}

/** Behind the quote that closes the one at `open`, or the end of the line. */
function behindString(line: string, open: number): number {
  for (let quote = line.indexOf('"', open + 1); quote >= 0; quote = line.indexOf('"', quote + 1)) {
    let escapes = quote;
    while (line[escapes - 1] === '\\') escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
  }
  return line.length;
}

function withNaN(one: unknown, other: unknown): unknown {
  if (one === null && other === true) return NaN;
  if (typeof one !== 'object' || one === null) return one;
  const [into, from] = [one as Record<string, unknown>, other as Record<string, unknown>];
  for (const key of Object.keys(into)) into[key] = withNaN(into[key], from[key]); // each is its own, __proto__ too
  return into;
}
