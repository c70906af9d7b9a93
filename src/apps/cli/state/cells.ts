/** Stands where there is nothing. */
export const NONE = '-';

/** Digits of a number in a table: as many as a float32 has. */
const DIGITS = 7;
/** Characters of a text in a table. */
const LONGEST = 40;

/** A number in a table; NaN is none. */
export function numberCell(x: number): string {
  return Number.isNaN(x) ? NONE : String(Number(x.toPrecision(DIGITS)));
}

/** Numbers that may differ: the least and the greatest. */
export function rangeCell(numbers: readonly number[]): string {
  const [least, most] = [numberCell(Math.min(...numbers)), numberCell(Math.max(...numbers))];
  return least === most ? least : `${least} – ${most}`;
}

/** A text in a table: on one line, and not too long for it. */
export function textCell(text: string): string {
  const line = text.replaceAll(/\p{Cc}/gu, escaped);
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** A control character as JSON writes it. */
function escaped(control: string): string {
  const written = JSON.stringify(control).slice(1, -1);
  return written === control ? `\\u00${control.charCodeAt(0).toString(16)}` : written;
}
