/** What the pin at an index is called: A, B, …, Z, A2, … */
export function pinLabel(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}
