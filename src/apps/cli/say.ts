/** Tells the user something that is no result: a line on stderr. */
export function say(line: string): void {
  process.stderr.write(`rx-ema: ${line.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
