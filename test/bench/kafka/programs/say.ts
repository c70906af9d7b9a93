/**
 * Prints what happened, the time in ms since 1970, and the milliseconds that all processors have worked for this process
 * (threads of the client among them).
 */
export function say(what: 'first' | 'end'): void {
  const { user, system } = process.cpuUsage();
  console.log(`${what} ${Date.now()} ${Math.round((user + system) / 1000)}`);
}

/** Until the bench closes the standard input. */
export function toldToEnd(): Promise<void> {
  return new Promise((resolve) => void process.stdin.on('end', resolve).resume());
}
