import { Webhook } from 'svix/dist/webhook';

interface SignedMessage {
  url: string;
  /** The webhook-id, by which a receiver recognizes a repeated message. */
  id: string;
  body: string;
  /** The current secret and, after a rotation, also the previous one. */
  secrets: readonly string[];
}

/** A POST of JSON for undici's `request`, signed as Standard Webhooks specify. */
export function signedPost({ url, id, body, secrets }: SignedMessage) {
  const at = new Date();
  const { origin, pathname, search } = new URL(url);
  return {
    origin,
    path: pathname + search,
    method: 'POST' as const,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'multistore-webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    },
    body,
  };
}
