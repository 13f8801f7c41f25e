import { createGuardedAgent, type ResolveHost } from '../../shared/webhooks/guardedAgent';
import type { AllowAddress } from '../../shared/webhooks/publicAddress';
import { signedPost } from '../../shared/webhooks/signedPost';

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

const TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_CONNECTIONS_PER_ORIGIN = 8;
const MAX_EXCERPT = 1_024;

/** Posts events to addresses that stores have chosen, public ones only, signed as Standard Webhooks specify. Redirects are not followed. */
export function createWebhookSender(allow: AllowAddress, resolve?: ResolveHost): WebhookSender {
  const agent = createGuardedAgent(allow, {
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxConnectionsPerOrigin: MAX_CONNECTIONS_PER_ORIGIN,
    ...(resolve && { resolve }),
  });

  return {
    send: async ({ url, eventId, body, secrets }) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const response = await agent.request({ ...signedPost({ url, id: eventId, body, secrets }), signal });
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
