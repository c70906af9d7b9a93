/**
 * The first name that stands twice in one object of a JSON text, which `JSON.parse` passes over in silence.
 *
 * @param json - valid JSON
 * @returns the name; undefined if there is none
 * @example duplicateKey('{"a":1,"b":{"a":2},"\\u0061":3}') // => 'a'
 */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = []; // the names seen in each object around the place; for an array, a set that stays empty
  let last = '';
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') last = token;
    else {
      const name = JSON.parse(last) as string; // two spellings of one name are one name
      const seen = open.at(-1)!;
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
}
