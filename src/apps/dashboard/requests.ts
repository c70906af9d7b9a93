import type { IncomingMessage } from 'node:http';

import type { PointsRequest, Position } from './protocol.js';

const MOST_BYTES = 1 << 20;

/**
 * Whether a request comes from this server's own page: a page of another site could have its name resolve to 127.0.0.1.
 */
export function isOurs({ headers, method }: IncomingMessage, port: number): boolean {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (!hosts.includes(headers.host ?? '')) return false;
  if (headers.origin === undefined) return method === 'GET' || method === 'HEAD';
  return headers.origin === `http://${headers.host}`;
}

/** The body of a request for points; null if it is none. */
export async function pointsRequest(request: IncomingMessage): Promise<PointsRequest | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) return null;
    pieces.push(piece);
  }
  try {
    const body = JSON.parse(Buffer.concat(pieces).toString()) as Partial<PointsRequest> | null;
    if (typeof body?.session !== 'string' || !Array.isArray(body.positions)) return null;
    return body.positions.every(isPosition) ? (body as PointsRequest) : null;
  } catch {
    return null;
  }
}

function isPosition(one: unknown): one is Position {
  const { curve, cuts, count } = (one ?? {}) as Partial<Position>;
  return [curve, cuts, count].every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}
