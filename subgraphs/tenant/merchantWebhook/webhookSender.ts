import { type LookupAddress, lookup as lookUpByTheSystem } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Webhook } from 'svix';
import { Agent, buildConnector } from 'undici';
import type { AllowAddress } from '../dependencies';

/** What one attempt brought. It counts as taken when the address answered with 2xx. */
export interface Outcome {
  isTaken: boolean;
  /** Null when there was no answer. */
  status: number | null;
  /** The beginning of the answer's body. */
  excerpt: string | null;
  /** For the store's staff; null when it was taken. */
  error: string | null;
}

export interface WebhookMessage {
  url: string;
  eventId: string;
  body: string;
  /** The one in use, and while it is being changed the one before. */
  secrets: readonly string[];
}

export interface WebhookSender {
  /** Does not throw for what the other side does. */
  send(message: WebhookMessage): Promise<Outcome>;
  close(): Promise<void>;
}

/** All addresses of a host, as `dns.lookup` gives them. */
export type ResolveHost = (host: string) => Promise<LookupAddress[]>;

const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const CONNECTIONS_AN_ORIGIN = 8;
const MAX_EXCERPT = 1_024;

class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/**
 * Posts events to addresses that stores have chosen, signed as Standard Webhooks say. Which address a connection goes to is
 * decided when it is made: a name that says something else each time it is looked up gets nobody anywhere. Redirects are not
 * followed.
 */
export function createWebhookSender(allow: AllowAddress, resolve: ResolveHost = resolveByTheSystem): WebhookSender {
  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (!first || !addresses.every(({ address }) => allow(address))) callback(new AddressRefused(), '', 0);
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
  const connectTo = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup });
  const connect: buildConnector.connector = (options, callback) => {
    // An address in place of a name is not looked up.
    if (isIP(options.hostname) !== 0 && !allow(options.hostname)) return callback(new AddressRefused(), null);
    connectTo(options, (error, socket) => {
      if (!socket) return callback(error ?? new Error('no connection'), null);
      if (allow(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefused(), null);
    });
  };
  const agent = new Agent({ connect, connections: CONNECTIONS_AN_ORIGIN, pipelining: 1 });

  return {
    send: async ({ url, eventId, body, secrets }) => {
      const at = new Date();
      const { origin, pathname, search } = new URL(url);
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'multistore-webhooks/1',
        'webhook-id': eventId,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' '),
      };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const answer = await agent.request({ origin, path: pathname + search, method: 'POST', headers, body, signal });
        const { statusCode: status } = answer;
        const excerpt = await beginningOf(answer.body);
        const isTaken = status >= 200 && status < 300;
        return { isTaken, status, excerpt, error: isTaken ? null : `It answered ${status}.` };
      } catch (error) {
        return { isTaken: false, status: null, excerpt: null, error: said(error as NodeJS.ErrnoException) };
      }
    },
    close: () => agent.close(),
  };
}

function resolveByTheSystem(host: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookUpByTheSystem(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

/** As much as is kept of an answer; the rest is not read. PostgreSQL takes no NUL in a text. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_EXCERPT) break;
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_EXCERPT).toString('utf8');
  return text.replaceAll('\u0000', '�').slice(0, MAX_EXCERPT);
}

/** Nothing of this system's own network is told: a code, and no addresses. */
function said({ name, code }: NodeJS.ErrnoException): string {
  if (code === 'ADDRESS_REFUSED') return 'It is not at a public address.';
  if (name === 'TimeoutError') return `It did not answer within ${TIMEOUT_MS / 1000} seconds.`;
  return `It could not be reached (${code ?? name}).`;
}
