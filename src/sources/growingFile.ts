import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';
import type { Changes } from './changes.js';
import { OpenFile } from './openFile.js';
import { unzipped } from './unzipped.js';

/** Bytes of a file, in order. */
export interface Piece {
  /** Lent: good until the next piece is asked for. May be empty. */
  readonly bytes: Uint8Array;
  /** True of the first piece of another file in its place: it was cut or replaced. What came before goes on no more. */
  readonly fresh: boolean;
}

/** How a file that may grow is read. */
export interface Growing {
  /** Wait for a file that is not there yet, and go on behind its end. */
  readonly follow: boolean;
  /** Tells when to look again. Whoever has made it closes it. */
  readonly changes: Pick<Changes, 'next'>;
  /** True once nobody wants more: whoever waits for a change then ends. */
  readonly closed: () => boolean;
  /** The function that errors name. */
  readonly caller: string;
}

/**
 * The bytes of a file from its beginning, unzipped if they are gzip, in pieces of some 256 KiB: in constant memory, each
 * read when it is asked for. Between two the event loop gets its turn.
 *
 * Without `follow` it ends at the end of the file. With `follow` it waits for a file that is not there yet, and at the end for
 * more, until `closed`:
 *
 * - What is appended comes as soon as `changes` tells, at the latest 100 ms later.
 * - A file that is shorter than what was read, or no longer has the last 64 bytes that were read where they were, was cut or
 *   written anew (as `logrotate` does with `copytruncate`): it is read from its beginning, with `fresh`. What was written
 *   between the last look and the cut is lost; a file that is written anew with the same 64 bytes in the same place is taken
 *   for one that has grown.
 * - When the path names another file (it was renamed and made anew), the old one is read for as long as the new one is empty,
 *   then to its end, then the new one, with `fresh`: of one writer that goes from the one to the other, nothing is lost. Of
 *   several new files between two looks the last is read, the others are not.
 * - A file that is deleted is read to its end and closed, so that its place on the disk is free; then another is waited for.
 *
 * @param path - of a file; of a pipe too, which is read once
 * @returns pieces whose bytes are lent until the next is asked for; the file is closed when they end or are asked for no more
 * @throws SmoothingError `SOURCE_UNREADABLE` with the path and the cause; `FILE_FORMAT` for gzip that is damaged or, without
 *   `follow`, cut short
 */
export function readPieces(path: string, growing: Growing): AsyncGenerator<Piece> {
  return unzipped(piecesOf(path, growing), path, growing.caller);
}

async function* piecesOf(path: string, { follow, changes, closed, caller }: Growing): AsyncGenerator<Piece> {
  const node = nodeModules(caller, 'SOURCE_UNREADABLE');
  const [folder, name] = [node.path.dirname(path), node.path.basename(path)];
  let file: OpenFile | null = null;
  let isFirst = true;
  try {
    file = await OpenFile.open(path, follow, node.fs);
    while (!closed()) {
      if (file !== null) {
        isFirst = false;
        yield* file.rest();
      }
      if (!follow || closed()) return;
      const standing = file === null ? 'deleted' : await file.standing();
      if (standing !== 'current') {
        if (file !== null) yield* file.rest(); // what came before its writer went on to the other
        const other: OpenFile | null = await OpenFile.open(path, follow, node.fs, !isFirst);
        if (other !== null || standing === 'deleted') {
          await file?.close();
          file = other;
        }
        if (other !== null) continue;
      }
      await changes.next(folder, name);
    }
  } catch (error) {
    throw failure('SOURCE_UNREADABLE', `'${path}' must be a file that can be read, got ${said(error)}`, error);
  } finally {
    await file?.close();
  }
}
