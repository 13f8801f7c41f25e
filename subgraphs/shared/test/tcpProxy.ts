import { connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy of a server that a test can cut and reopen. */
export interface TcpProxy {
  port: number;
  /** Closes all connections, and refuses new ones. */
  cut(): Promise<void>;
  open(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let server: Server;
  let isCut = false;
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      isCut = false;
      server = createServer((client) => {
        // It was accepted before the cut, and is handled after it.
        if (isCut) return void client.destroy();
        const upstream = connect(target);
        for (const [socket, other] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          sockets.add(socket);
          socket.pipe(other);
          // Cutting resets both sides, as the test wants.
          socket.on('error', () => other.destroy());
          socket.on('close', () => {
            sockets.delete(socket);
            other.destroy();
          });
        }
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  const port = await listen(0);
  return {
    port,
    cut: async () => {
      isCut = true;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: async () => void (await listen(port)),
  };
}
