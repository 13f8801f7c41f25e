import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'svix/dist/webhook';

interface Received {
  headers: Record<string, string>;
  body: string;
  path: string;
}

/** A store's own server, which keeps the webhooks that it receives. */
export interface WebhookReceiver {
  url: string;
  received: Received[];
  /** The status that it answers with from now on. */
  status: number;
  /** The bodies received at a path, each verified by svix's library. @throws WebhookVerificationError */
  verified(secret: string, path?: string): Record<string, unknown>[];
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      receiver.received.push({ headers, body: Buffer.concat(chunks).toString('utf8'), path: request.url ?? '' });
      response.writeHead(receiver.status).end(`answer ${receiver.status}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    status: 200,
    verified: (secret, path) =>
      receiver.received
        .filter((one) => path === undefined || one.path === path)
        .map(({ body, headers }) => new Webhook(secret).verify(body, headers) as Record<string, unknown>),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
