/** Charts whose names begin alike. */
export interface Group {
  /** Before the first slash; '' for names without one. */
  readonly prefix: string;
  readonly tags: readonly string[];
}

const order = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Metrics by what stands before their first slash, names in their natural order: `layer2` before `layer10`. */
export function groupsOf(tags: readonly string[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const tag of tags) {
    const prefix = tag.slice(0, Math.max(0, tag.indexOf('/')));
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [tag]);
    else group.push(tag);
  }
  return [...groups]
    .sort(([a], [b]) => order.compare(a, b))
    .map(([prefix, tags]) => ({ prefix, tags: tags.sort((a, b) => order.compare(a, b)) }));
}
