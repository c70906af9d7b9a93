/** Memory with room for so many bytes more behind those in use: the same if it has it, else with those in it. */
export function withRoom(bytes: Buffer, used: number, more: number): Buffer {
  const need = used + more;
  if (need <= bytes.length) return bytes;
  const larger = Buffer.allocUnsafe(2 * need);
  larger.set(bytes.subarray(0, used));
  return larger;
}
