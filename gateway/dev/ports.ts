import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** @throws Error in a sentence when something listens on the port already. */
export async function refuseUsedPort(name: string, port: number, variable: string): Promise<void> {
  await probe(port).catch((error: NodeJS.ErrnoException) => {
    throw new Error(portFault(error, name, port, variable));
  });
}

function portFault({ code, message }: NodeJS.ErrnoException, name: string, port: number, variable: string): string {
  const remedy = `set another one, such as ${variable}=${port + 1000} npm start`;
  if (code === 'EADDRINUSE') return `Port ${port}, for ${name}, is in use by another program: stop it, or ${remedy}.`;
  if (code === 'EACCES') return `You have no permission to use port ${port}, for ${name}: ${remedy}.`;
  return `Port ${port}, for ${name}, can't be used (${message}): ${remedy}.`;
}

/**
 * A port that nothing listens on. The system gives those from 32768 on to whoever connects to something, at any moment: one
 * below them stays free for the service that is to listen there, and after its restart.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768);
    const isFree = await probe(port).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        return false;
      },
    );
    if (isFree) return port;
  }
}

function probe(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
