import type { IncomingMessage } from 'node:http';

import type { PointsRequest, Position } from './protocol.js';

/** Positions in some 100 000 curves. */
const MOST_BYTES = 1 << 22;
const OUR_NAMES = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Whether a request comes from this server's own page, or from a person who opens it. A page of another site could have
 * its name resolve to 127.0.0.1, so the name counts; the port does not: a tunnel has another one at its other end.
 */
export function isOurs({ headers, method }: IncomingMessage): boolean {
  const { host = '', origin } = headers;
  if (!OUR_NAMES.test(host)) return false;
  if (origin !== undefined) return origin === `http://${host}`;
  const site = headers['sec-fetch-site'] ?? 'none';
  const isOpened = headers['sec-fetch-mode'] === 'navigate'; // by a link, wherever it stands
  return (method === 'GET' || method === 'HEAD') && (site === 'same-origin' || site === 'none' || isOpened);
}

/** The body of a request for points; null if it is none, or too large to be one. */
export async function pointsRequest(request: IncomingMessage): Promise<PointsRequest | null> {
  const text = await textOf(request);
  if (text === null) return null;
  try {
    const body = JSON.parse(text) as Partial<PointsRequest> | null;
    if (typeof body?.session !== 'string' || !Array.isArray(body.positions)) return null;
    return body.positions.every(isPosition) ? (body as PointsRequest) : null;
  } catch {
    return null;
  }
}

/** Rejects if the request breaks off. */
function textOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MOST_BYTES) pieces.push(piece);
      else resolve(null); // the rest goes by unread, while the answer is on its way
    });
    request.on('end', () => resolve(Buffer.concat(pieces).toString()));
    request.on('error', reject);
  });
}

function isPosition(one: unknown): one is Position {
  const { curve, cuts, count } = (one ?? {}) as Partial<Position>;
  return isCount(curve) && isCount(cuts) && isCount(count);
}

function isCount(n: unknown): boolean {
  return Number.isSafeInteger(n) && (n as number) >= 0;
}
