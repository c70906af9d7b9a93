import { naturalOrder } from './naturalOrder.js';

/** Charts whose names begin alike. */
export interface Group {
  /** Before the first slash; '' for names without one. */
  readonly prefix: string;
  readonly tags: readonly string[];
}

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
    .sort(([a], [b]) => naturalOrder(a, b))
    .map(([prefix, tags]) => ({ prefix, tags: tags.sort(naturalOrder) }));
}
