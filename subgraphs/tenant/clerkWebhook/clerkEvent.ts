import { z } from 'zod';

/** PostgreSQL can't store NUL: a delivery with one would fail, and Svix would retry it again and again. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\u0000'));

/** Clerk's times are milliseconds since the epoch. */
const time = z
  .number()
  .int()
  .min(0)
  .max(8.64e15)
  .transform((value) => new Date(value));

const organizationId = z.string().regex(/^org_\w{1,100}$/);
const userId = z.string().regex(/^user_\w{1,100}$/);

/** The fields of Clerk's organization object that are used here. https://clerk.com/docs/reference/backend/types/backend-organization */
export const organization = z.object({
  id: organizationId,
  name: text(256).min(1),
  slug: text(1_000).nullish(),
  updated_at: time,
});
export type Organization = z.output<typeof organization>;

/** https://clerk.com/docs/reference/backend/types/backend-organization-membership */
export const membership = z.object({
  id: z.string().regex(/^orgmem_\w{1,100}$/),
  organization: z.object({ id: organizationId }),
  role: text(100),
  permissions: z.array(text(200)).max(500).nullish(),
  public_user_data: z.object({
    user_id: userId,
    first_name: text(256).nullish(),
    last_name: text(256).nullish(),
    identifier: text(320).nullish(),
    image_url: text(2_000).nullish(),
  }),
  created_at: time,
  updated_at: time,
});
export type Membership = z.output<typeof membership>;

/** https://clerk.com/docs/reference/backend/types/backend-user */
const user = z.object({
  id: userId,
  first_name: text(256).nullish(),
  last_name: text(256).nullish(),
  image_url: text(2_000).nullish(),
  primary_email_address_id: z.string().nullish(),
  email_addresses: z.array(z.object({ id: z.string(), email_address: text(320) })).nullish(),
  updated_at: time,
});
export type User = z.output<typeof user>;

const deleted = <Id extends z.ZodType>(id: Id) => z.object({ id });

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), timestamp: time, data });

/** The events that are used here. */
const EVENTS = [
  event('organization.created', organization),
  event('organization.updated', organization),
  event('organization.deleted', deleted(organizationId)),
  event('organizationMembership.created', membership),
  event('organizationMembership.updated', membership),
  event('organizationMembership.deleted', membership),
  event('user.updated', user),
  event('user.deleted', deleted(userId)),
] as const;

const TYPES: ReadonlySet<string> = new Set(EVENTS.map(({ shape }) => shape.type.value));

/** A verified delivery. `timestamp` is the time of the change, by Clerk's clock. */
export type KnownClerkEvent = z.output<(typeof EVENTS)[number]>;

/** Or an event of a type that is not used. Clerk adds new types, so that is no error. */
type ClerkEvent = KnownClerkEvent | { type: 'unused'; name: string };

/** A delivery with a valid signature that is not a valid event. The error message names fields, but no values. */
export class UnreadableDelivery extends Error {}

/** @throws UnreadableDelivery */
export function readClerkEvent(body: Buffer): ClerkEvent {
  const content: unknown = JSON.parse(body.toString('utf8'));
  const { type } = parse(z.object({ type: z.string(), data: z.looseObject({}) }), content);
  return TYPES.has(type) ? parse(z.discriminatedUnion('type', EVENTS), content) : { type: 'unused', name: type };
}

function parse<Schema extends z.ZodType>(schema: Schema, content: unknown): z.output<Schema> {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the body');
  throw new UnreadableDelivery(`Not a Clerk event: check ${fields.join(', ')}.`);
}
