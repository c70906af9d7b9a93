import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isOurs, pointsRequest } from '../../../src/apps/dashboard/requests.js';

const host = '127.0.0.1:6362';
const origin = `http://${host}`;
const request = (method: string, headers: Record<string, string>) =>
  ({ method, headers }) as unknown as IncomingMessage;

const bodyOf = (text: string) => Readable.from([Buffer.from(text)]) as never;

describe('a request', () => {
  it.each([
    ['by the address', 'GET', { host }],
    ['by the name of this machine', 'GET', { host: 'localhost:6362' }],
    ['by its name in IPv6', 'GET', { host: '[::1]:6362' }],
    ['through a tunnel from another port', 'GET', { host: 'localhost:8080' }],
    ['from the page', 'POST', { host, origin }],
    ['from the page through a tunnel', 'POST', { host: 'localhost:8080', origin: 'http://localhost:8080' }],
    ['from the page for a file', 'GET', { host, 'sec-fetch-site': 'same-origin' }],
    ['that is typed in', 'GET', { host, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['by a link of another site', 'GET', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['for the head', 'HEAD', { host }],
  ])('%s is ours', (_, method, headers) => {
    expect(isOurs(request(method, headers))).toBe(true);
  });

  it.each([
    ['to another name that resolves here', 'GET', { host: 'evil.example:6362' }],
    ['to a name that only begins as ours', 'GET', { host: '127.0.0.1.evil.example' }],
    ['to a name that only ends as ours', 'GET', { host: 'evil.localhost:6362' }],
    ['to a name with a user in front', 'GET', { host: 'evil@localhost:6362' }],
    ['to no name', 'GET', {}],
    ['from the page of another site', 'POST', { host, origin: 'http://evil.example' }],
    ['from the page of another site that only reads', 'GET', { host, origin: 'http://evil.example' }],
    ['from another server of this machine', 'POST', { host, origin: 'http://127.0.0.1:3000' }],
    ['from our name for another', 'POST', { host, origin: 'http://localhost:6362' }],
    ['from our address over https', 'POST', { host, origin: `https://${host}` }],
    ['from a sandbox', 'POST', { host, origin: 'null' }],
    ['that posts and says not from where', 'POST', { host }],
    ['that posts and has followed a link', 'POST', { host, 'sec-fetch-mode': 'navigate' }],
    ['for a picture of another site', 'GET', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['for a script of another port', 'GET', { host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ])('%s is not', (_, method, headers) => {
    expect(isOurs(request(method, headers))).toBe(false);
  });
});

describe('a body', () => {
  const positions = [{ curve: 0, cuts: 1, count: 2 }];

  it('is read in whatever pieces it comes, names in any letters', async () => {
    const body = JSON.stringify({ session: 'é', positions });
    const bytes = Buffer.from(body);
    const pieces = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
    expect(await pointsRequest(Readable.from(pieces) as never)).toEqual({ session: 'é', positions });
  });

  it.each([
    ['nothing', ''],
    ['half of one', '{"session":"s","positions":['],
    ['null', 'null'],
    ['a number', '3'],
    ['no session', '{"positions":[]}'],
    ['a session that is no text', '{"session":{},"positions":[]}'],
    ['positions that are no list', '{"session":"s","positions":{"length":1}}'],
    ['a position that is none', '{"session":"s","positions":[null]}'],
    ['a negative place', '{"session":"s","positions":[{"curve":0,"cuts":0,"count":-1}]}'],
    ['a place between two', '{"session":"s","positions":[{"curve":0.5,"cuts":0,"count":1}]}'],
    ['a place that is text', '{"session":"s","positions":[{"curve":"0","cuts":0,"count":1}]}'],
    ['an infinite place', '{"session":"s","positions":[{"curve":0,"cuts":0,"count":1e999}]}'],
  ])('that is %s is none', async (_, body) => {
    expect(await pointsRequest(bodyOf(body))).toBeNull();
  });

  it('with positions in 50 000 curves is read, one that never ends is not', async () => {
    const many = Array.from({ length: 50_000 }, (_, curve) => ({ curve, cuts: 0, count: 100_000 }));
    expect((await pointsRequest(bodyOf(JSON.stringify({ session: 's', positions: many }))))!.positions).toHaveLength(
      50_000,
    );
    const endless = new Readable({
      read() {
        setImmediate(() => this.push(Buffer.alloc(65_536, ' ')));
      },
    });
    expect(await pointsRequest(endless as never)).toBeNull();
    endless.destroy();
  });

  it('that breaks off is an error', async () => {
    const broken = new Readable({ read() {} });
    broken.push('{"ses');
    broken.destroy(new Error('aborted'));
    await expect(pointsRequest(broken as never)).rejects.toThrow('aborted');
  });
});
