import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Resolves when it was answered, or its sender has closed the connection. */
  closed: Promise<unknown>;
}

export interface HttpStub {
  origin: string;
  received: ReceivedRequest[];
  /** The next request that arrives. */
  next(): Promise<ReceivedRequest>;
  close(): Promise<void>;
}

/** A real HTTP server on a free port that keeps what it received. */
export async function startHttpStub(
  answer: (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>,
): Promise<HttpStub> {
  const received: ReceivedRequest[] = [];
  const arrivals = new EventEmitter<{ request: [ReceivedRequest] }>();
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const { method = '', url: path = '', headers } = message;
    const closed = once(response, 'close');
    const request = { method, path, headers, body: Buffer.concat(chunks), closed };
    received.push(request);
    arrivals.emit('request', request);
    await answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    next: async () => (await once(arrivals, 'request'))[0],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
