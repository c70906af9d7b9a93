import { once } from 'node:events';
import type { Server } from 'node:http';

import { failure, said } from '../../failure.js';

/** EMA on the keys of a telephone, behind TensorBoard's 6: the same after each start, so that a page finds it again. */
export const USUAL_PORT = 6362;
const OTHERS = 9;
/** Reached from this machine alone. */
const OWN_HOST = '127.0.0.1';

/**
 * Has a server listen.
 *
 * @param port - 0 for any that is free; null for 6362, or if that is taken one of the next, or any that is free
 * @param host - this machine alone, unless another of its addresses is named
 * @throws SmoothingError `PORT_UNAVAILABLE` if that port can't be had
 */
export async function listening(server: Server, port: number | null, host: string = OWN_HOST): Promise<void> {
  if (port !== null) {
    const error = await tried(server, port, host);
    if (error !== null)
      throw failure('PORT_UNAVAILABLE', `port must be free on ${host}, got ${port}: ${said(error)}`, error);
    return;
  }
  for (let other = 0; other <= OTHERS; other++) if ((await tried(server, USUAL_PORT + other, host)) === null) return;
  await listening(server, 0, host);
}

/** @returns why it doesn't listen; null if it does */
async function tried(server: Server, port: number, host: string): Promise<unknown> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return null;
  } catch (error) {
    return error;
  }
}
