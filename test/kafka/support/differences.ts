import { HEAD_KEY, keyTextOf, rowOf } from '../../../src/apps/scale/changelog.js';
import type { Job } from './jobs.js';
import type { Read } from './readTopic.js';
import { type Uninterrupted, uninterrupted } from './uninterrupted.js';

/** What lies in the topics of a worker, by partition, and what the group has committed. */
export interface Found {
  readonly inputs: readonly (readonly Read[])[];
  readonly outputs: readonly (readonly Read[])[];
  /** The changelog. */
  readonly states: readonly (readonly Read[])[];
  /** The dead letters. */
  readonly letters: readonly (readonly Read[])[];
  readonly committed: readonly number[];
}

/**
 * What differs, in words, from one uninterrupted run: an input that came out twice or not at all, or with other bytes, key
 * or timestamp; a position that isn't behind the last message; a state of a key in the changelog that isn't its last.
 */
export function differences(job: Job, found: Found): string[] {
  return found.inputs.flatMap((input, partition) => {
    const expected = uninterrupted(job, input);
    const next = input.length === 0 ? -1 : input.at(-1)!.offset + 1;
    const position = found.committed[partition]!;
    const about = [
      ...inOutputs(input, found.outputs[partition]!, expected),
      ...(position === next ? [] : [`the position is ${position}, not ${next}`]),
      ...inChangelog(found.states[partition]!, expected, next),
      ...found.letters[partition]!.map(({ headers }) => `a dead letter: ${headersText(headers)}`),
    ];
    return about.slice(0, 3).map((what) => `partition ${partition}: ${what}`);
  });
}

function inOutputs(input: readonly Read[], output: readonly Read[], { outputs }: Uninterrupted): string[] {
  const differs = (i: number): boolean => {
    const [came, out] = [input[i]!, output[i]!];
    return !same(out.value, outputs[i]!) || !same(out.key, came.key) || out.timestamp !== came.timestamp;
  };
  const count = Math.min(input.length, output.length);
  const first = Array.from({ length: count }, (_, i) => i).find(differs);
  return [
    ...(output.length === input.length ? [] : [`${output.length} outputs of ${input.length} inputs`]),
    ...(first === undefined ? [] : [`output ${first} is ${text(output[first])}, not ${String(outputs[first])}`]),
  ];
}

function inChangelog(rows: readonly Read[], { keys, head, whole, isIdle }: Uninterrupted, next: number): string[] {
  const newest = new Map(rows.map(({ key, value }) => [key!.toString('latin1'), value]));
  const foundHead = newest.get(HEAD_KEY.toString('latin1')) ?? null;
  newest.delete(HEAD_KEY.toString('latin1'));
  const states = new Map(
    [...newest].map(([key, value]) => [keyTextOf(Buffer.from(key, 'latin1')) as string | null, value]),
  );
  const wrong = [...keys].filter(([key, { row, offset }]) => {
    const bytes = states.get(key) ?? null;
    if (row === undefined || isIdle(row)) return bytes !== null && !isIdle(rowOf(bytes).row);
    if (bytes === null) return true;
    const found = rowOf(bytes); // written when the worker was behind the key's last message
    return !same(bytesOf(whole(found.row)), bytesOf(row)) || found.next <= offset || found.next > next;
  });
  const strange = [...states.keys()].filter((key) => !keys.has(key));
  return [
    ...(same(foundHead, head) ? [] : [`the head in the changelog is not the last one`]),
    ...wrong
      .slice(0, 1)
      .map(([key]) => `${wrong.length} keys have another state in the changelog, as ${JSON.stringify(key)}`),
    ...strange.slice(0, 1).map((key) => `${strange.length} strange keys in the changelog, as ${JSON.stringify(key)}`),
  ];
}

function same(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

const bytesOf = (row: Float64Array): Buffer => Buffer.from(row.buffer, row.byteOffset, row.byteLength);

function text(read: Read | undefined): string {
  return `${String(read?.value)} of ${String(read?.key)}`;
}

function headersText(headers: Read['headers']): string {
  return headers.map((header) => Object.entries(header).map(([name, value]) => `${name}=${String(value)}`)).join(' ');
}
