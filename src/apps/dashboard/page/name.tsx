import type { JSX } from 'preact';
import { endsOf } from './ends.js';

interface NameProps {
  readonly text: string;
  /** How many letters at its beginning are said elsewhere too. */
  readonly quiet?: number;
  /** What is said of it where the pointer rests on it; itself by default. */
  readonly title?: string;
}

/** A name on one line: where that is too short, letters in its middle give way. */
export function Name({ text, quiet = 0, title = text }: NameProps): JSX.Element {
  const [head, tail] = endsOf(text);
  return (
    <span class="name" title={title}>
      {head === '' ? null : <span class="head">{parted(head, quiet)}</span>}
      <span class="tail">{parted(tail, quiet - head.length)}</span>
    </span>
  );
}

function parted(text: string, quiet: number): JSX.Element | string {
  if (quiet <= 0) return text;
  return (
    <>
      <span class="prefix">{text.slice(0, quiet)}</span>
      {text.slice(quiet)}
    </>
  );
}
