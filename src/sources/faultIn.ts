const TOKEN =
  /[ \t\r\n]*(?:(?<text>")|(?<value>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|NaN|-?Infinity)|(?<mark>[[\]{},:])|(?<end>$))/y;
/** A string behind its first quote, up to the next escape or to its end: in one pattern, millions of escapes would be too much. */
const STRETCH = /[ !#-[\]-\uffff]*(?:(?<end>")|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))/y;

/** What may come next. */
type Expects = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end';

/**
 * Where a line stops being JSON, whatever the engine that has refused it says of that.
 *
 * @param line - which `parseJsonLine` has refused
 * @returns the column, from 1, and what is there
 */
export function faultIn(line: string): { readonly column: number; readonly got: string } {
  const open: string[] = []; // brackets
  let expects: Expects = 'value';
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(line)?.groups;
    const isWhole = groups?.['text'] === undefined || passString(line);
    const next: Expects | null = groups === undefined || !isWhole ? null : step(expects, groups, open);
    if (next === null) return faultAt(line, from);
    expects = next;
  }
}

/** Goes on behind a string; false if it has no end, or something in it that no string has. */
function passString(line: string): boolean {
  STRETCH.lastIndex = TOKEN.lastIndex;
  for (;;) {
    const stretch = STRETCH.exec(line);
    if (stretch === null) return false;
    if (stretch.groups!['end'] === undefined) continue;
    TOKEN.lastIndex = STRETCH.lastIndex;
    return true;
  }
}

/** What may come behind a token; null if the token must not be there. */
function step(
  expects: Expects,
  { text, value, mark }: Record<string, string | undefined>,
  open: string[],
): Expects | null {
  const wantsValue = expects === 'value' || expects === 'value or ]';
  const wantsName = expects === 'name' || expects === 'name or }';
  if (text !== undefined) return wantsValue ? ', or end' : wantsName ? ':' : null;
  if (value !== undefined) return wantsValue ? ', or end' : null;
  if (mark === '{' || mark === '[') {
    if (!wantsValue) return null;
    open.push(mark);
    return mark === '{' ? 'name or }' : 'value or ]';
  }
  if (mark === ':') return expects === ':' ? 'value' : null;
  if (mark === ',') {
    if (expects !== ', or end' || open.length === 0) return null;
    return open.at(-1) === '{' ? 'name' : 'value';
  }
  const closes = mark === '}' ? '{' : mark === ']' ? '[' : undefined;
  const may = expects === ', or end' || expects === (mark === '}' ? 'name or }' : 'value or ]');
  return closes !== undefined && may && open.pop() === closes ? ', or end' : null;
}

function faultAt(line: string, from: number): { readonly column: number; readonly got: string } {
  const at = from + line.slice(from).search(/[^ \t\r\n]|$/);
  const found = /^(?:[\w.+-]{1,20}|[^])/u.exec(line.slice(at))?.[0];
  return { column: at + 1, got: found === undefined ? 'the end of the line' : `'${found}'` };
}
