import { readPieces, type Piece } from '../../../sources/growingFile.js';
import { unzipped } from '../../../sources/unzipped.js';
import { PIPE } from './formats.js';

/**
 * The bytes of a file or of stdin, unzipped, as fast as they are taken.
 *
 * @param read - told how many there are in each piece
 */
export async function* bytesOf(path: string, read: (bytes: number) => void): AsyncGenerator<Piece> {
  for await (const piece of path === PIPE ? unzipped(stdin(), 'stdin', 'smooth') : piecesOf(path)) {
    read(piece.bytes.length);
    yield piece;
  }
}

function piecesOf(path: string): AsyncGenerator<Piece> {
  return readPieces(path, { follow: false, changes: { next: async () => {} }, closed: () => false, caller: 'smooth' });
}

async function* stdin(): AsyncGenerator<Piece> {
  for await (const bytes of process.stdin as AsyncIterable<Uint8Array>) yield { bytes, fresh: false };
}
