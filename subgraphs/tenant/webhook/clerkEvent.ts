import { z } from 'zod';

/** What is used of Clerk's organization object. https://clerk.com/docs/reference/backend/types/backend-organization */
const organization = z.object({
  id: z.string().regex(/^org_\w{1,100}$/),
  // PostgreSQL stores no NUL: such a name would fail, and be sent again, for ever.
  name: z
    .string()
    .min(1)
    .max(256)
    .refine((name) => !name.includes('\u0000')),
  slug: z.string().nullish(),
});

export type Organization = z.output<typeof organization>;

const envelope = z.object({ type: z.string(), data: z.looseObject({}) });
const organizationCreated = z.object({ type: z.literal('organization.created'), data: organization });

/** A verified delivery: one that has an effect here, or another type. Clerk adds types; they are no fault of the sender. */
export type ClerkEvent = z.output<typeof organizationCreated> | { type: 'unused'; name: string };

/** A delivery that verifies but can't be read; its message names the fields, and nothing of their content. */
export class UnreadableEvent extends Error {}

/** @throws UnreadableEvent */
export function readClerkEvent(body: Buffer): ClerkEvent {
  const { type } = parse(envelope, body);
  return type === 'organization.created' ? parse(organizationCreated, body) : { type: 'unused', name: type };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: Buffer): z.output<Schema> {
  const result = schema.safeParse(JSON.parse(body.toString('utf8')));
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the body');
  throw new UnreadableEvent(`Not a Clerk event: check ${fields.join(', ')}.`);
}
