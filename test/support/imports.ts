/** What a module imports or re-exports, types too: the specifiers as written. Docstrings and comments don't count. */
export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const from = code.matchAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm);
  const bare = code.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...from, ...bare].map((match) => match[1]!);
}

/** What a module imports or re-exports to run: not what is of types alone. */
export function valueImportsOf(source: string): string[] {
  const run = source
    .replaceAll(/^\s*(?:(?:import|export)\s+)?type\b[^;]*;/gm, '')
    .replaceAll(/\btypeof\s+import\(/g, '');
  return importsOf(run);
}
