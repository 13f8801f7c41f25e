import { randomBytes } from 'node:crypto';
import { Webhook } from 'svix';
import { readArguments, refuseArguments } from './arguments';
import { readLocalEnv } from './localPlatform';

const USAGE = 'npm run -s webhook -- organization.created --org org_… --name "Name" [--slug name] [--id msg_…]';

export interface Delivery {
  type: string;
  organization: { id: string; name: string; slug: string };
  /** The same id again is the same delivery. */
  id?: string;
}

/** Signs a delivery as Svix does for Clerk, and posts it to the local gateway. @returns its answer. */
export async function deliverWebhook(gatewayUrl: string, secret: string, delivery: Delivery): Promise<Response> {
  const id = delivery.id ?? `msg_${randomBytes(12).toString('hex')}`;
  const now = new Date();
  const body = JSON.stringify({
    data: { ...delivery.organization, object: 'organization', created_at: now.getTime(), updated_at: now.getTime() },
    object: 'event',
    timestamp: now.getTime(),
    type: delivery.type,
  });
  return fetch(`${gatewayUrl}/api/webhooks/clerk`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
      'svix-signature': new Webhook(secret).sign(id, now, body),
    },
    body,
  });
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    { org: { type: 'string' }, name: { type: 'string' }, slug: { type: 'string' }, id: { type: 'string' } },
    USAGE,
  );
  const [type] = positionals;
  const { org, name = org, slug, id } = values;
  if (!type) return refuseArguments('The event is missing.', USAGE);
  if (!org || !name) return refuseArguments('--org is missing.', USAGE);
  const { GATEWAY_PORT = '3000', CLERK_WEBHOOK_SIGNING_SECRET = '' } = readLocalEnv();
  const answer = await deliverWebhook(`http://127.0.0.1:${GATEWAY_PORT}`, CLERK_WEBHOOK_SIGNING_SECRET, {
    type,
    organization: { id: org, name, slug: slug ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-') },
    ...(id && { id }),
  });
  console.log(`${answer.status} ${await answer.text()}`);
  if (!answer.ok) process.exitCode = 1;
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(`The gateway does not answer (${error.message}): is npm start running?`);
    process.exitCode = 1;
  });
}
