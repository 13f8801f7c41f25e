import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { localFetch } from '../dev/localFetch';

const CHECK_EVERY_MS = 250;

/**
 * A TCP load balancer as a cloud has: it gives each new connection to the next backend whose `GET /readyz` answers 200, and knows nothing of what
 * is on its way.
 */
export class Balancer {
  #backends = new Map<number, boolean>();
  #next = 0;
  #stopped = false;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    void this.#check();
  }

  static async listen(port: number): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true });
    const balancer = new Balancer(server);
    server.on('connection', (client) => balancer.#forward(client));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return balancer;
  }

  /** Resolves when it gets connections. */
  async add(port: number): Promise<void> {
    this.#backends.set(port, false);
    while (!this.#backends.get(port)) await sleep(CHECK_EVERY_MS);
  }

  remove(port: number): void {
    this.#backends.delete(port);
  }

  stop(): void {
    this.#stopped = true;
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #check(): Promise<void> {
    while (!this.#stopped) {
      for (const port of this.#backends.keys()) {
        const isReady = await localFetch(`http://127.0.0.1:${port}/readyz`).then(
          async (response) => {
            await response.body?.cancel();
            return response.ok;
          },
          // Nothing listens there.
          () => false,
        );
        if (this.#backends.has(port)) this.#backends.set(port, isReady);
      }
      await sleep(CHECK_EVERY_MS);
    }
  }

  #forward(client: Socket): void {
    const ready = [...this.#backends].filter(([, isReady]) => isReady).map(([port]) => port);
    const port = ready[this.#next++ % Math.max(ready.length, 1)];
    if (port === undefined) return void client.destroy();
    const backend = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    for (const [from, to] of [
      [client, backend],
      [backend, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      // The other side sees what this one saw.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!from.readableEnded) to.destroy();
      });
    }
  }
}
