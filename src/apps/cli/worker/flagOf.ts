const OTHERS: Readonly<Record<string, string>> = {
  input: '--in',
  output: '--out',
  as: '--append',
  statistic: '--stat',
};

/** The flag that says an option of the library. */
export function flagOf(option: string): string {
  return OTHERS[option] ?? `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
