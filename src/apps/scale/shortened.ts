/** Characters of a reason: it may show what was wrong, which may be long. */
const MOST = 500;

/** A reason of bearable length. */
export function shortened(reason: string): string {
  return reason.length > MOST ? `${reason.slice(0, MOST)}…` : reason;
}
