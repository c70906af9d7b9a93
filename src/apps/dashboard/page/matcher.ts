import type { Search } from './view.js';

/** Whether a name is looked for, and what is wrong with the pattern, if anything is: then it matches all. */
export interface Matcher {
  readonly matches: (name: string) => boolean;
  readonly wrong: string | null;
}

const ALL = (): boolean => true;

/** Of a text: names that hold all of its words, in any order and case. Of a regular expression: as it says, in any case. */
export function matcherOf({ text, pattern }: Search): Matcher {
  if (text.trim() === '') return { matches: ALL, wrong: null };
  if (!pattern) {
    const words = text.toLowerCase().trim().split(/\s+/);
    return { matches: (name) => words.every((word) => name.toLowerCase().includes(word)), wrong: null };
  }
  try {
    const expression = new RegExp(text, 'i');
    return { matches: (name) => expression.test(name), wrong: null };
  } catch (error) {
    return { matches: ALL, wrong: (error as Error).message.replace(/^Invalid regular expression: /, '') };
  }
}
