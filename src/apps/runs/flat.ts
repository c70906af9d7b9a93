type Fields = Readonly<Record<string, unknown>>;

/** A record with the fields of the objects in it as its own, at any depth: `{ metrics: { acc: 1 } }` as `{ 'metrics/acc': 1 }`. */
export function flat(record: Fields): Fields {
  return Object.values(record).some(isObject) ? Object.fromEntries(entriesOf(record, '')) : record;
}

function* entriesOf(record: Fields, prefix: string): Generator<[name: string, value: unknown]> {
  for (const [name, value] of Object.entries(record)) {
    if (isObject(value)) yield* entriesOf(value, `${prefix}${name}/`);
    else yield [prefix + name, value];
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
