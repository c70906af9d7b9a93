import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Ports of 127.0.0.1 that nobody listens on, all different. They lie below those that the system hands out to
 * connections: a broker that comes back finds its port free, and no client connects to itself while it is away.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = createServer();
    const listening = once(server, 'listening');
    server.listen(20_000 + Math.floor(Math.random() * 12_000), '127.0.0.1');
    try {
      await listening;
      servers.push(server);
    } catch {
      // taken: the next one
    }
  }
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
