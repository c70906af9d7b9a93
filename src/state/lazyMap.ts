/** A map whose values are made each time they are asked for. */
export function lazyMap<V>(values: Iterable<readonly [name: string, value: () => V]>): Record<string, V> {
  const map: Record<string, V> = {};
  for (const [name, get] of values) Object.defineProperty(map, name, { get, enumerable: true });
  return map;
}
