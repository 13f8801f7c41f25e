import { createHash, randomBytes } from 'node:crypto';
import { Webhook } from 'svix/dist/webhook';
import { readArguments, refuseArguments } from './arguments';
import { localFetch } from './localFetch';
import { readLocalEnv } from './localPlatform';

const USAGE = `npm run -s webhook -- <event> --org org_… [--id msg_…]
  organization.created | organization.updated | organization.deleted   [--name "Name"] [--slug name]
  organizationMembership.created | .updated | .deleted                 --user user_… [--role admin|member|…] [--name "First Last"]
  user.updated                                                         --user user_… [--name "First Last"] [--email …]
  user.deleted                                                         --user user_…`;

export interface Delivery {
  type: string;
  /** What the event is about, as Clerk's webhook has it. */
  data: Record<string, unknown>;
  /** The same id again is the same delivery. */
  id?: string;
}

/** Clerk's organization object, as it is now. */
export const organizationData = (organization: { id: string; name: string; slug: string }) => ({
  ...organization,
  object: 'organization',
  created_at: LONG_AGO,
  updated_at: Date.now(),
});

/** Clerk's membership object, as it is now. One person has one membership in an organization. */
export const membershipData = (
  organizationId: string,
  userId: string,
  role: string,
  [first, ...last]: string[] = [],
) => ({
  id: `orgmem_${createHash('sha256').update(`${organizationId} ${userId}`).digest('hex').slice(0, 24)}`,
  object: 'organization_membership',
  organization: { id: organizationId, object: 'organization' },
  role: `org:${role}`,
  permissions: [],
  public_user_data: {
    user_id: userId,
    first_name: first ?? null,
    last_name: last.join(' ') || null,
    identifier: `${userId}@example.com`,
    image_url: null,
  },
  created_at: LONG_AGO,
  updated_at: Date.now(),
});

/** Clerk's user object, as it is now. */
const userData = (id: string, [first, ...last]: string[] = [], email = `${id}@example.com`) => ({
  id,
  object: 'user',
  first_name: first ?? null,
  last_name: last.join(' ') || null,
  image_url: null,
  primary_email_address_id: 'idn_1',
  email_addresses: [{ id: 'idn_1', object: 'email_address', email_address: email }],
  updated_at: Date.now(),
});

const LONG_AGO = Date.UTC(2024, 0, 1);

/** Signs a delivery as Svix does for Clerk, and posts it. @param url the endpoint's. @returns its answer. */
export async function deliverWebhook(url: string, secret: string, delivery: Delivery): Promise<Response> {
  const id = delivery.id ?? `msg_${randomBytes(12).toString('hex')}`;
  const now = new Date();
  const { type, data } = delivery;
  const body = JSON.stringify({ data, object: 'event', timestamp: now.getTime(), type });
  return localFetch(url, {
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
  const text = { type: 'string' } as const;
  const { values, positionals } = readArguments(
    { org: text, user: text, role: text, name: text, slug: text, email: text, id: text },
    USAGE,
  );
  const [type = ''] = positionals;
  const { GATEWAY_PORT = '3000', CLERK_WEBHOOK_SIGNING_SECRET = '' } = readLocalEnv();
  const answer = await deliverWebhook(
    `http://127.0.0.1:${GATEWAY_PORT}/api/webhooks/clerk`,
    CLERK_WEBHOOK_SIGNING_SECRET,
    {
      type,
      data: dataOf(type, values),
      ...(values.id && { id: values.id }),
    },
  );
  console.log(`${answer.status} ${await answer.text()}`);
  if (!answer.ok) process.exitCode = 1;
}

type Values = Partial<Record<'org' | 'user' | 'role' | 'name' | 'slug' | 'email', string>>;

function dataOf(type: string, { org, user, role = 'member', name, slug, email }: Values): Record<string, unknown> {
  const needed = (value: string | undefined, flag: string) => value ?? refuseArguments(`${flag} is missing.`, USAGE);
  switch (type) {
    case 'organization.created':
    case 'organization.updated': {
      const id = needed(org, '--org');
      const called = name ?? id;
      return organizationData({ id, name: called, slug: slug ?? called.toLowerCase().replace(/[^a-z0-9]+/g, '-') });
    }
    case 'organization.deleted':
      return { id: needed(org, '--org'), object: 'organization', deleted: true };
    case 'organizationMembership.created':
    case 'organizationMembership.updated':
    case 'organizationMembership.deleted':
      return membershipData(needed(org, '--org'), needed(user, '--user'), role, name?.split(' '));
    case 'user.updated':
      return userData(needed(user, '--user'), name?.split(' '), email);
    case 'user.deleted':
      return { id: needed(user, '--user'), object: 'user', deleted: true };
    default:
      return refuseArguments(type ? `There is no event ${type} here.` : 'The event is missing.', USAGE);
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(`The gateway does not answer (${error.message}): is npm start running?`);
    process.exitCode = 1;
  });
}
