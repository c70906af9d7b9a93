import type { AsyncBuffer } from 'hyparquet';

import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';

/** A file of which parts are read, as hyparquet reads files. */
export interface RangesFile extends AsyncBuffer {
  close(): Promise<void>;
}

/**
 * Opens a file, which stays open until it is closed: what is read is of one file, even if another takes its place.
 *
 * @throws SmoothingError `SOURCE_UNREADABLE`
 */
export async function openRanges(path: string, caller: string): Promise<RangesFile> {
  const { fs } = nodeModules(caller, 'SOURCE_UNREADABLE');
  const handle = await fs.promises.open(path, 'r').catch((error: unknown) => {
    throw unreadable(said(error), error);
  });
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    throw unreadable(stats.isDirectory() ? 'a folder' : 'something else');
  }
  return {
    byteLength: stats.size,
    async slice(start, end = stats.size) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error(`an end after ${start + at} bytes`);
        at += bytesRead;
      }
      return bytes.buffer;
    },
    close: () => handle.close(),
  };

  function unreadable(got: string, cause?: unknown) {
    return failure('SOURCE_UNREADABLE', `'${path}' must be a file that can be read, got ${got}`, cause);
  }
}
