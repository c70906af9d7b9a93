import { nodeFiles } from './nodeFiles.js';

/**
 * What `writeArrow` asks of a stream to write to: Node's `Writable` and its relatives (`createWriteStream`, a socket, a
 * server's response, `process.stdout`).
 */
export interface ByteWritable {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown;
  end(done: () => void): unknown;
  on(event: 'error' | 'close', listener: (error?: Error) => void): unknown;
  off(event: 'error' | 'close', listener: (error?: Error) => void): unknown;
}

/** One write at a time, then one end; each promise settles when the bytes have left our hands. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** Opens a file for writing, from its start. */
export async function fileSink(path: string | URL): Promise<ByteSink> {
  const { open } = await nodeFiles();
  const handle = await open(path, 'w');
  return { write: (bytes) => handle.writeFile(bytes), end: () => handle.close() };
}

/** Writes to a stream that somebody else made, and ends it. */
export function writableSink(stream: ByteWritable): ByteSink {
  let broken: Error | undefined;
  let reject: ((error: Error) => void) | undefined;
  const onError = (error?: Error) => {
    broken ??= error ?? new Error('the stream written to was closed before the Arrow stream had ended');
    reject?.(broken);
  };
  stream.on('error', onError);
  stream.on('close', onError);

  /** Settles by the callback, or by an `error` or `close` that comes first: a destroyed stream may never call back. */
  const settle = (start: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, fail) => {
      if (broken !== undefined) {
        fail(broken);
        return;
      }
      reject = fail;
      start((error) => {
        reject = undefined;
        if (error) fail(error);
        else resolve();
      });
    });

  return {
    write: (bytes) => settle((done) => stream.write(bytes, done)),
    end: async () => {
      try {
        await settle((done) => stream.end(done));
      } finally {
        stream.off('close', onError); // the listener of 'error' stays: a late one would end the process
      }
    },
  };
}
