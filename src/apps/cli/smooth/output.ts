import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { failure, said } from '../../../failure.js';
import { Replacement } from '../../../sinks/replacement.js';
import { PIPE } from './formats.js';

/** Where a table is written. */
export interface Output {
  /** For a writer that opens files itself; null if it is none. */
  readonly path: string | null;
  /** Settles when there is room for more; until then the bytes are needed. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** All has been written. */
  commit(): void;
  /** It is not wanted any more: leaves a file as it was before. */
  discard(): void;
}

/** Whoever reads stdout wants no more of it. */
export class ClosedPipe extends Error {}

/** @throws SmoothingError `SINK_UNWRITABLE` */
export function outputTo(path: string, isZipped: boolean): Output {
  const output = plainOutput(path);
  if (!isZipped) return output;
  return { ...output, path: null, write: (bytes) => output.write(gzipSync(bytes)) }; // members that follow one another are one file
}

function plainOutput(path: string): Output {
  if (path === PIPE) return stdout();
  const old = statSync(path, { throwIfNoEntry: false });
  if (old !== undefined && !old.isFile() && !old.isDirectory()) return device(path);
  const file = new Replacement(path, 'smooth');
  return {
    path: file.temporary,
    write: (bytes) => file.write(bytes),
    commit: () => file.commit(),
    discard: () => file.discard(),
  };
}

function stdout(): Output {
  let broken: unknown = null;
  process.stdout.on('error', (error) => (broken = error));
  return {
    path: null,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        process.stdout.write(bytes, (error) => {
          const why = error ?? broken;
          if (why == null) resolve();
          else reject(refusal('stdout', why));
        });
      }),
    commit() {},
    discard() {},
  };
}

/** `/dev/null` and its kind: there is nothing to replace. */
function device(path: string): Output {
  const attempt = <R>(act: () => R): R => {
    try {
      return act();
    } catch (error) {
      throw refusal(path, error);
    }
  };
  const file = attempt(() => openSync(path, 'w'));
  return {
    path: null,
    write: (bytes) => {
      for (let at = 0; at < bytes.length;) at += attempt(() => writeSync(file, bytes, at));
    },
    commit: () => closeSync(file),
    discard: () => closeSync(file),
  };
}

function refusal(path: string, error: unknown): Error {
  if ((error as { code?: string }).code === 'EPIPE') return new ClosedPipe();
  return failure('SINK_UNWRITABLE', `'${path}' must be a file that can be written, got ${said(error)}`, error);
}
