const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BLANK = 0x20;

/** Where the next thing in a text of JSON begins, from `at` on. */
export function nextIn(bytes: Uint8Array, at: number): number {
  let next = at;
  while (next < bytes.length && bytes[next]! <= BLANK) next++;
  return next;
}

/** Where a value ends that begins at `at`, in a text that is known to be JSON. */
export function valueEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return stringEnd(bytes, at);
  return isOpening(first) ? nestedEnd(bytes, at) : plainEnd(bytes, at);
}

/** Where a string ends: behind its second quote. */
export function stringEnd(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i++;
  }
  return bytes.length;
}

function nestedEnd(bytes: Uint8Array, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) i = stringEnd(bytes, i) - 1;
    else if (isOpening(byte)) depth++;
    else if (isClosing(byte) && --depth === 0) return i + 1;
  }
  return bytes.length;
}

/** Of a number, true, false or null. */
function plainEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && bytes[end]! > BLANK && bytes[end] !== COMMA && !isClosing(bytes[end])) end++;
  return end;
}

const isOpening = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number | undefined): boolean => byte === 0x7d || byte === 0x5d;
