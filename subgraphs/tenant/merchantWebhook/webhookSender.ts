import { type LookupAddress, lookup as lookUpBySystem } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Webhook } from 'svix/dist/webhook';
import { Agent, buildConnector } from 'undici';
import type { AllowAddress } from '../dependencies';

/** The result of one attempt. Any 2xx response counts as delivered. */
export interface AttemptResult {
  isDelivered: boolean;
  /** Null when there was no response. */
  status: number | null;
  /** The beginning of the response's body. */
  excerpt: string | null;
  /** An error message for the store's staff; null after a success. */
  error: string | null;
}

interface WebhookMessage {
  url: string;
  eventId: string;
  body: string;
  /** The current secret and, after a rotation, also the previous one. */
  secrets: readonly string[];
}

export interface WebhookSender {
  /** Errors of the receiver are part of the result, and are not thrown. */
  send(message: WebhookMessage): Promise<AttemptResult>;
  close(): Promise<void>;
}

/** Resolves a host to all its addresses, as `dns.lookup` does. */
export type ResolveHost = (host: string) => Promise<LookupAddress[]>;

const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS_PER_ORIGIN = 8;
const MAX_EXCERPT = 1_024;

class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/**
 * Posts events to addresses that stores have chosen, signed as Standard Webhooks specify. Against SSRF, the IP address is checked for
 * each connection, so that DNS rebinding (a name that resolves to another address each time) can't reach private networks. Redirects
 * are not followed.
 */
export function createWebhookSender(allow: AllowAddress, resolve: ResolveHost = resolveBySystem): WebhookSender {
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
    // An IP address is not resolved by `lookup`, which checks host names, so it is checked here.
    if (isIP(options.hostname) !== 0 && !allow(options.hostname)) return callback(new AddressRefused(), null);
    connectTo(options, (error, socket) => {
      if (!socket) return callback(error ?? new Error('no connection'), null);
      if (allow(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefused(), null);
    });
  };
  const agent = new Agent({ connect, connections: MAX_CONNECTIONS_PER_ORIGIN, pipelining: 1 });

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
        const response = await agent.request({
          origin,
          path: pathname + search,
          method: 'POST',
          headers,
          body,
          signal,
        });
        const { statusCode: status } = response;
        const excerpt = await readExcerpt(response.body);
        const isDelivered = status >= 200 && status < 300;
        return { isDelivered, status, excerpt, error: isDelivered ? null : `It answered ${status}.` };
      } catch (error) {
        return {
          isDelivered: false,
          status: null,
          excerpt: null,
          error: describeError(error as NodeJS.ErrnoException),
        };
      }
    },
    close: () => agent.close(),
  };
}

function resolveBySystem(host: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookUpBySystem(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

/** Reads only the part of a response that is stored. Removes NUL, which PostgreSQL can't store. */
async function readExcerpt(body: AsyncIterable<Buffer>): Promise<string> {
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

/** An error code without addresses: a store must not learn anything about this system's own network. */
function describeError({ name, code }: NodeJS.ErrnoException): string {
  if (code === 'ADDRESS_REFUSED') return 'It is not at a public address.';
  if (name === 'TimeoutError') return `It did not answer within ${TIMEOUT_MS / 1000} seconds.`;
  return `It could not be reached (${code ?? name}).`;
}
