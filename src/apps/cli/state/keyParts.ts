import type { Key } from '../../../types.js';

/** What a key is made of: the values of `by`, of which there may be several. */
export function keyParts(key: Key, fields: number): readonly Key[] {
  if (fields <= 1 || typeof key !== 'string') return [key];
  try {
    const parts = JSON.parse(key) as readonly (readonly [kind: string, text: string])[];
    return parts.map(([kind, text]) => partOf(kind, text));
  } catch {
    return [key]; // no such list: it is shown as it is
  }
}

function partOf(kind: string, text: string): Key {
  if (kind === 'number') return Number(text);
  if (kind === 'bigint') return BigInt(text);
  if (kind === 'boolean') return text === 'true';
  return kind === 'string' ? text : null;
}

/** As it may be said in a command. */
export const keyText = (parts: readonly Key[]): string => parts.map(String).join(',');

/** For JSON: a list of several; what JSON has no number for, by its digits or its name. */
export function keyValue(parts: readonly Key[]): unknown {
  const values = parts.map((part) => {
    if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
    return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
  });
  return values.length === 1 ? values[0] : values;
}
