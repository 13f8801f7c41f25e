import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import { notFound, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { EventDelivery, WebhookSubscription } from '../generated/prisma/client';
import type { EventDeliveryFilter, UserErrorCode } from '../generated/resolvers';
import { typeOf } from './topics';

type DeliveryRow = EventDelivery & { subscription: WebhookSubscription };
const include = { subscription: true } as const;

export async function listDeliveries(
  { db, tenantId }: Context,
  args: PageArgs & { where?: EventDeliveryFilter | null | undefined },
): Promise<Connection<DeliveryRow>> {
  const { subscriptionId, status, topic } = args.where ?? {};
  const where = {
    tenantId,
    ...(subscriptionId != null && { subscriptionId }),
    ...(status != null && { status }),
    ...(topic != null && { topic: typeOf(topic) }),
  };
  const page = readPage(args, { key: 'CREATED_AT', column: 'createdAt', kind: 'date', reverse: true });
  const query = { ...page.query, where: { AND: [where, page.query.where] }, include };
  return toConnection(await db.eventDelivery.findMany(query), page, () => db.eventDelivery.count({ where }));
}

/** Makes a delivery pending again, whatever its status. The lock on its subscription excludes a concurrent pause. */
export function eventDeliveryRetry({ db, tenantId }: Context, id: string) {
  return payload<'eventDelivery', DeliveryRow, UserErrorCode>('eventDelivery', () =>
    db.$transaction(async (tx) => {
      const [subscription] = await tx.$queryRaw<{ status: string }[]>`
        SELECT status::text FROM webhook_subscriptions
        WHERE tenant_id = ${tenantId} AND id = (
          SELECT subscription_id FROM event_deliveries WHERE tenant_id = ${tenantId} AND id = ${id})
        FOR SHARE`;
      if (!subscription) throw new UserErrors(notFound('delivery'));
      if (subscription.status !== 'ACTIVE') {
        throw refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', 'Its subscription is not ACTIVE: resume it first.');
      }
      await tx.$executeRaw`
        UPDATE event_deliveries SET status = 'PENDING', delivered_at = NULL, due_at = now()
        WHERE tenant_id = ${tenantId} AND id = ${id}`;
      return tx.eventDelivery.findFirstOrThrow({ where: { tenantId, id }, include });
    }),
  );
}
