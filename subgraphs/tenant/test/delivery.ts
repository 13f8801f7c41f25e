import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook } from 'svix/dist/webhook';

export const newDeliveryId = () => `msg_${randomUUID().replaceAll('-', '')}`;

/** An organization's id in Clerk's format. */
export const newOrganizationId = () => `org_${randomBytes(20).toString('base64url').replace(/\W|_/g, 'x')}`;

/** Clerk's event of a new organization; `changes` replace fields of its data. */
export function organizationCreated(changes: Record<string, unknown> = {}) {
  const id = newOrganizationId();
  const now = Date.now();
  const slug = id.toLowerCase().replace('_', '-');
  const data = { object: 'organization', id, name: 'Nike', slug, created_at: now, updated_at: now, ...changes };
  return { type: 'organization.created', object: 'event', timestamp: now, data };
}

export interface Delivery {
  headers: Record<string, string>;
  body: string;
}

/** A delivery as Svix sends it. @param event sent as JSON unless it is a string. */
export function deliveryOf(
  event: unknown,
  { secret, id = newDeliveryId(), at = new Date() }: { secret: string; id?: string; at?: Date },
): Delivery {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const headers = {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
    'svix-signature': new Webhook(secret).sign(id, at, body),
  };
  return { headers, body };
}

export async function deliver(url: string, { headers, body }: Delivery): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/webhooks/clerk`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}
