import { newId } from '../../shared/ids';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import {
  invalid,
  limitReached,
  notFound,
  payload,
  required,
  throwIfAny,
  type UserError,
  UserErrors,
} from '../../shared/userErrors';
import { readEndpointUrl } from '../../shared/webhooks/endpointUrl';
import { newSecret } from '../../shared/webhooks/secretBox';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { WebhookSubscription } from '../generated/prisma/client';
import type {
  UserErrorCode,
  WebhookSubscriptionCreateInput,
  WebhookSubscriptionUpdateInput,
} from '../generated/resolvers';
import { failPending } from './deliveryQueue';
import { typeOf } from './topics';

/** The object's name in error messages. */
const LABEL = 'webhook subscription';
const MAX_SUBSCRIPTIONS = 20;
/** How long both secrets sign after a rotation. */
const OVERLAP_HOURS = 24;

export const findSubscription = ({ db, tenantId }: Context, id: string): Promise<WebhookSubscription | null> =>
  db.webhookSubscription.findFirst({ where: { tenantId, id } });

export async function listSubscriptions(
  { db, tenantId }: Context,
  args: PageArgs,
): Promise<Connection<WebhookSubscription>> {
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: false });
  const where = { tenantId };
  const subscriptions = await db.webhookSubscription.findMany({
    ...page.query,
    where: { AND: [where, page.query.where] },
  });
  return toConnection(subscriptions, page, () => db.webhookSubscription.count({ where }));
}

/** Creates a subscription. Only this payload shows the secret, which is stored encrypted. */
export function webhookSubscriptionCreate(ctx: Context, input: WebhookSubscriptionCreateInput) {
  return withSecret(async () => {
    const { db, tenantId } = ctx;
    const { webhooks } = ctx.dependencies;
    const { url, topics } = readTarget(ctx, input);
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

/** Locks the store, so that concurrent additions run one after another. */
async function refuseAboveLimit(tx: Tx, tenantId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
  if ((await tx.webhookSubscription.count({ where: { tenantId } })) < MAX_SUBSCRIPTIONS) return;
  throw new UserErrors(limitReached([], `A store has at most ${MAX_SUBSCRIPTIONS} webhook subscriptions.`));
}

/** Changes a subscription by one conditional statement. When that pauses it, the same transaction fails its pending deliveries. */
export function webhookSubscriptionUpdate(ctx: Context, id: string, input: WebhookSubscriptionUpdateInput) {
  return asPayload(async () => {
    const { db, tenantId } = ctx;
    const data = readChanges(ctx, input);
    const changed = await db.$transaction(async (tx) => {
      const subscriptions = await tx.webhookSubscription.updateManyAndReturn({
        where: { tenantId, id, ...atVersion(input.expectedVersion) },
        data: { ...data, version: { increment: 1 } },
      });
      if (subscriptions[0]?.status === 'PAUSED') {
        await failPending(tx, { tenantId, subscriptionId: id }, 'The subscription was paused.');
      }
      return subscriptions;
    });
    return requireUpdated(changed, () => findSubscription(ctx, id), LABEL);
  });
}

function readChanges(ctx: Context, { url, topics, status }: WebhookSubscriptionUpdateInput) {
  const missing = Object.entries({ url, topics, status }).filter(([, given]) => given === null);
  const others = [
    ...missing.map(([name]) => required(['input', name], 'Expected a value.')),
    ...(status === 'DISABLED' ? [invalid(['input', 'status'], 'ACTIVE or PAUSED')] : []),
  ];
  return {
    ...readTarget(ctx, { ...(url != null && { url }), ...(topics != null && { topics }) }, others),
    ...(status != null && {
      status,
      failingSince: null,
      disabledAt: null,
      disabledReason: null,
    }),
  };
}

export function webhookSubscriptionDelete({ db, tenantId }: Context, id: string) {
  return payload<'deletedWebhookSubscriptionId', string, UserErrorCode>('deletedWebhookSubscriptionId', async () => {
    const { count } = await db.webhookSubscription.deleteMany({ where: { tenantId, id } });
    if (count === 0) throw new UserErrors(notFound(LABEL));
    return id;
  });
}

/** Replaces the secret. The previous one signs as well for some time, by the database's clock. */
export function webhookSubscriptionRotateSecret(ctx: Context, id: string) {
  return withSecret(async () => {
    const { db, tenantId } = ctx;
    const { webhooks } = ctx.dependencies;
    const secret = newSecret();
    const sealed = webhooks.secrets.seal(secret, { tenantId, id });
    const count = await db.$executeRaw`
      UPDATE webhook_subscriptions SET previous_secret = secret, secret = ${sealed},
        previous_secret_expires_at = now() + make_interval(hours => ${OVERLAP_HOURS}::int),
        version = version + 1, updated_at = now()
      WHERE tenant_id = ${tenantId} AND id = ${id}`;
    const subscription = count > 0 && (await findSubscription(ctx, id));
    if (!subscription) throw new UserErrors(notFound(LABEL));
    return { subscription, secret };
  });
}

type Target = Pick<WebhookSubscriptionCreateInput, 'url' | 'topics'>;

/** As much of a subscription as is given. @throws UserErrors with all that is wrong with it, and `others`. */
function readTarget<Given extends Partial<Target>>(
  { dependencies }: Context,
  given: Given,
  others: readonly UserError<UserErrorCode>[] = [],
) {
  const { url, topics } = given;
  const read = url === undefined ? null : readEndpointUrl(url, dependencies.webhooks.endpoints);
  throwIfAny<UserErrorCode>([
    ...others,
    ...(read && 'expected' in read ? [invalid(['input', 'url'], read.expected)] : []),
    ...(topics?.length === 0 ? [invalid(['input', 'topics'], 'at least one topic')] : []),
  ]);
  return {
    ...(read && 'url' in read && { url: read.url }),
    ...(topics && { topics: [...new Set(topics.map(typeOf))] }),
  } as { [Name in keyof Given & keyof Target]: Name extends 'url' ? string : string[] };
}

const asPayload = (work: () => Promise<WebhookSubscription>) =>
  payload<'webhookSubscription', WebhookSubscription, UserErrorCode>('webhookSubscription', work);

async function withSecret(work: () => Promise<{ subscription: WebhookSubscription; secret: string }>) {
  type Result = Awaited<ReturnType<typeof work>>;
  const { result, userErrors } = await payload<'result', Result, UserErrorCode>('result', work);
  return { webhookSubscription: result?.subscription ?? null, secret: result?.secret ?? null, userErrors };
}
