import { HEAD_KEY } from '../../../src/apps/scale/changelog.js';
import { changelogRows } from '../../support/changelogRows.js';
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
      ...inOutputs(found.outputs[partition]!, expected),
      ...(position === next ? [] : [`the position is ${position}, not ${next}`]),
      ...inChangelog(found.states[partition]!, expected, next),
      ...inLetters(found.letters[partition]!, expected),
    ];
    return about.slice(0, 3).map((what) => `partition ${partition}: ${what}`);
  });
}

function inOutputs(output: readonly Read[], { outcomes }: Uninterrupted): string[] {
  const alive = outcomes.filter(({ reason }) => reason === undefined);
  const differs = (i: number): boolean => {
    const [{ message: came, out: must }, out] = [alive[i]!, output[i]!];
    const isWhole = headersText(out.headers) === headersText(came.headers);
    return !isWhole || !same(out.value, must!) || !sameBut(out, came);
  };
  const count = Math.min(alive.length, output.length);
  const first = Array.from({ length: count }, (_, i) => i).find(differs);
  return [
    ...(output.length === alive.length ? [] : [`${output.length} outputs of ${alive.length} inputs`]),
    ...(first === undefined ? [] : [`output ${first} is ${text(output[first])}, not ${String(alive[first]!.out)}`]),
  ];
}

function inLetters(letters: readonly Read[], { outcomes }: Uninterrupted): string[] {
  const dead = outcomes.filter(({ reason }) => reason !== undefined);
  const must = dead.map(({ message: { partition, offset, headers }, reason }) =>
    [headersText(headers), `rx-ema.reason=${reason}`, `rx-ema.partition=${partition} rx-ema.offset=${offset}`].join(
      ' ',
    ),
  );
  const is = letters.map(({ headers }) => headersText(headers.filter((header) => !('rx-ema.topic' in header))));
  const wrong = letters.findIndex((letter, i) => is[i]!.trim() !== must[i]?.trim() || !same(letter.value, dead[i]!.message.value) || !sameBut(letter, dead[i]!.message)); // prettier-ignore
  return [
    ...(letters.length === dead.length ? [] : [`${letters.length} dead letters of ${dead.length} damaged inputs`]),
    ...(wrong < 0 ? [] : [`a dead letter: ${is[wrong]}, not ${must[wrong]}`]),
  ];
}

/** The same message, but for its value and headers. */
function sameBut(a: Read, b: Read): boolean {
  return same(a.key, b.key) && a.timestamp === b.timestamp;
}

function inChangelog(rows: readonly Read[], { keys, head, whole }: Uninterrupted, next: number): string[] {
  const foundHead = [...rows].reverse().find(({ key }) => key!.equals(HEAD_KEY))?.value ?? null;
  const states = new Map(changelogRows(rows).map((row) => [row.key, row]));
  const wrong = [...keys].filter(([key, { row, offset }]) => {
    const found = states.get(key) ?? { row: null, next: 0 };
    if (row === undefined || found.row === null) return row !== undefined || found.row !== null;
    // written when the worker was behind the key's last message
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
