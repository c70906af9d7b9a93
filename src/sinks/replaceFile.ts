import { Replacement } from './replacement.js';

/**
 * Puts a file in the place of another, all of it or nothing: see {@link Replacement}.
 *
 * @param chunks - taken one at a time; the first before anything is touched, and what the generator throws leaves nothing
 * @returns bytes written
 * @throws SmoothingError `SINK_UNWRITABLE` with the file as it was before and nothing beside it
 */
export function replaceFile(path: string, chunks: Iterator<Uint8Array>): number {
  let chunk = chunks.next();
  const file = new Replacement(path, 'toSafetensors');
  let bytes = 0;
  try {
    for (; chunk.done !== true; chunk = chunks.next()) {
      bytes += chunk.value.byteLength;
      file.write(chunk.value);
    }
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
  return bytes;
}
