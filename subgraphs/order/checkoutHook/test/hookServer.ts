import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'svix/dist/webhook';

export interface Question {
  headers: IncomingHttpHeaders;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what was sent.
  json: any;
}

/** A store's own server on this machine. It keeps what it was asked. */
export async function startHookServer() {
  const questions: Question[] = [];
  let answer: RequestListener = (_request, response) => response.writeHead(500).end();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    questions.push({ headers: request.headers, body, json: JSON.parse(body) });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    questions,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rates`,
    /** Answers each question so from now on. */
    answers(json: unknown, status = 200): void {
      answer = (_request, response) => response.writeHead(status).end(JSON.stringify(json));
    },
    by(listener: RequestListener): void {
      answer = listener;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type HookServer = Awaited<ReturnType<typeof startHookServer>>;

/** Whether a request is signed with the secret, as a store's server checks it. */
export function isSignedWith(secret: string, { headers, body }: Question): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
