/** Prints what happened, the time in ms since 1970, and {@link cpuMs}. */
export function say(what: 'first' | 'end'): void {
  console.log(`${what} ${Date.now()} ${cpuMs()}`);
}

/** The milliseconds that all processors have worked for this process, threads of the client among them. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

/** Until the bench closes the standard input. */
export function toldToEnd(): Promise<void> {
  return new Promise((resolve) => void process.stdin.on('end', resolve).resume());
}
