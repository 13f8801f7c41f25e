import { payload, StaleVersion, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { WebhookSubscription } from '../generated/prisma/client';
import type {
  WebhookErrorCode,
  WebhookSubscriptionCreateInput,
  WebhookSubscriptionUpdateInput,
} from '../generated/resolvers';
import { endPending } from './deliveryLog';
import { readEndpointUrl } from './endpointUrl';
import { newSecret } from './secretBox';
import { typeOf } from './topics';

export type SubscriptionConnection = Connection<WebhookSubscription>;

const MAX_SUBSCRIPTIONS = 20;
/** How long the secret before a change signs, too. */
const OVERLAP_MS = 24 * 60 * 60 * 1000;

export const findSubscription = ({ db, tenantId }: Context, id: string): Promise<WebhookSubscription | null> =>
  db.webhookSubscription.findFirst({ where: { tenantId, id } });

export async function listSubscriptions({ db, tenantId }: Context, args: PageArgs): Promise<SubscriptionConnection> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: false });
  const where = { tenantId };
  const subscriptions = await db.webhookSubscription.findMany({
    ...page.query,
    where: { AND: [where, page.query.where] },
  });
  return toConnection(subscriptions, page, () => db.webhookSubscription.count({ where }));
}

/** The secret is in the answer and nowhere else: what is kept of it is sealed. */
export function webhookSubscriptionCreate(ctx: Context, input: WebhookSubscriptionCreateInput) {
  return withSecret(async () => {
    const { db, tenantId } = ctx;
    const { webhooks } = ctx.dependencies;
    const url = readUrl(ctx, input.url);
    const topics = readTopics(input.topics);
    const id = newId('whk');
    const secret = newSecret();
    const sealed = webhooks.secrets.seal(secret, { tenantId, id });
    const subscription = await db.$transaction(async (tx) => {
      await refuseAboveLimit(tx, tenantId);
      return tx.webhookSubscription.create({ data: { tenantId, id, url, topics, secret: sealed } });
    });
    return { subscription, secret };
  });
}

/** Those that are made at once come one after the other. */
async function refuseAboveLimit(tx: Tx, tenantId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
  if ((await tx.webhookSubscription.count({ where: { tenantId } })) < MAX_SUBSCRIPTIONS) return;
  throw refused([], 'LIMIT_REACHED', `A store has at most ${MAX_SUBSCRIPTIONS} webhook subscriptions.`);
}

/** One conditional statement; what waits for a subscription that is paused by it is given up in the same transaction. */
export function webhookSubscriptionUpdate(ctx: Context, id: string, input: WebhookSubscriptionUpdateInput) {
  return asPayload(async () => {
    const { db, tenantId } = ctx;
    const { expectedVersion } = input;
    const data = readChanges(ctx, input);
    const changed = await db.$transaction(async (tx) => {
      const [subscription] = await tx.webhookSubscription.updateManyAndReturn({
        where: { tenantId, id, ...(expectedVersion != null && { version: expectedVersion }) },
        data: { ...data, version: { increment: 1 } },
      });
      if (subscription?.status === 'PAUSED') {
        await endPending(tx, { tenantId, subscriptionId: id }, 'The subscription was paused.');
      }
      return subscription;
    });
    if (changed) return changed;
    const current = await findSubscription(ctx, id);
    if (!current) throw notFound();
    throw new StaleVersion<WebhookErrorCode>(current, {
      field: ['input', 'expectedVersion'],
      code: 'STALE_VERSION',
      message: `The subscription is at version ${current.version}: look at what has changed, and send it again.`,
    });
  });
}

function readChanges(ctx: Context, { url, topics, isActive }: WebhookSubscriptionUpdateInput) {
  for (const [name, given] of Object.entries({ url, topics, isActive })) {
    if (given === null) throw refused(['input', name], 'REQUIRED', 'Expected a value.');
  }
  return {
    ...(url != null && { url: readUrl(ctx, url) }),
    ...(topics != null && { topics: readTopics(topics) }),
    ...(isActive != null && {
      status: isActive ? ('ACTIVE' as const) : ('PAUSED' as const),
      failingSince: null,
      disabledAt: null,
      disabledReason: null,
    }),
  };
}

export function webhookSubscriptionDelete(ctx: Context, id: string) {
  return asPayload(async () => {
    const { db, tenantId } = ctx;
    const subscription = await findSubscription(ctx, id);
    const { count } = await db.webhookSubscription.deleteMany({ where: { tenantId, id } });
    if (!subscription || count === 0) throw notFound();
    return subscription;
  });
}

/** The one before goes on signing for a while, by the database's clock. */
export function webhookSubscriptionRotateSecret(ctx: Context, id: string) {
  return withSecret(async () => {
    const { db, tenantId } = ctx;
    const { webhooks } = ctx.dependencies;
    const secret = newSecret();
    const sealed = webhooks.secrets.seal(secret, { tenantId, id });
    const count = await db.$executeRaw`
      UPDATE webhook_subscriptions SET previous_secret = secret, secret = ${sealed},
        previous_secret_expires_at = now() + make_interval(secs => ${OVERLAP_MS / 1000}),
        version = version + 1, updated_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${id}`;
    const subscription = count > 0 && (await findSubscription(ctx, id));
    if (!subscription) throw notFound();
    return { subscription, secret };
  });
}

function readUrl({ dependencies }: Context, text: string): string {
  const read = readEndpointUrl(text, dependencies.webhooks.endpoints);
  if ('expected' in read) throw refused(['input', 'url'], 'INVALID', `Expected ${read.expected}.`);
  return read.url;
}

function readTopics(topics: WebhookSubscriptionCreateInput['topics']): string[] {
  if (topics.length === 0) throw refused(['input', 'topics'], 'INVALID', 'Expected at least one topic.');
  return [...new Set(topics.map(typeOf))];
}

const asPayload = (work: () => Promise<WebhookSubscription>) =>
  payload<'webhookSubscription', WebhookSubscription, WebhookErrorCode>('webhookSubscription', work);

async function withSecret(work: () => Promise<{ subscription: WebhookSubscription; secret: string }>) {
  type Made = Awaited<ReturnType<typeof work>>;
  const { made, userErrors } = await payload<'made', Made, WebhookErrorCode>('made', work);
  return { webhookSubscription: made?.subscription ?? null, secret: made?.secret ?? null, userErrors };
}

const notFound = () => refused(['id'], 'NOT_FOUND', 'This store has no such webhook subscription.');

const refused = (field: string[], code: WebhookErrorCode, message: string) =>
  new UserErrors<WebhookErrorCode>({ field, code, message });
