import { payload, UserErrors } from '../../shared/errors';
import { type Connection, type PageArgs, readPage, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { EventDelivery, WebhookSubscription } from '../generated/prisma/client';
import type { EventDeliveryWhereInput, WebhookErrorCode } from '../generated/resolvers';
import { typeOf } from './topics';

export type DeliveryRow = EventDelivery & { subscription: WebhookSubscription };
export type DeliveryConnection = Connection<DeliveryRow>;

const include = { subscription: true } as const;

export async function listDeliveries(
  { db, tenantId }: Context,
  args: PageArgs & { where?: EventDeliveryWhereInput | null | undefined },
): Promise<DeliveryConnection> {
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

/** Makes a delivery due, whatever became of it. Its subscription is held, so that it can't be paused in between. */
export function eventDeliveryRetry({ db, tenantId }: Context, id: string) {
  return payload<'eventDelivery', DeliveryRow, WebhookErrorCode>('eventDelivery', () =>
    db.$transaction(async (tx) => {
      const [subscription] = await tx.$queryRaw<{ status: string }[]>`
        SELECT status::text FROM webhook_subscriptions
        WHERE tenant_id = ${tenantId} AND id = (
          SELECT subscription_id FROM event_deliveries WHERE tenant_id = ${tenantId} AND id = ${id})
        FOR SHARE`;
      if (!subscription) throw refused('NOT_FOUND', 'This store has no such delivery.');
      if (subscription.status !== 'ACTIVE') {
        throw refused('INVALID_TRANSITION', 'Its subscription is told nothing now: let it go on first.');
      }
      await tx.$executeRaw`
        UPDATE event_deliveries SET status = 'PENDING', delivered_at = NULL, due_at = now()
        WHERE tenant_id = ${tenantId} AND id = ${id}`;
      return tx.eventDelivery.findFirstOrThrow({ where: { tenantId, id }, include });
    }),
  );
}

const refused = (code: WebhookErrorCode, message: string) =>
  new UserErrors<WebhookErrorCode>({ field: ['id'], code, message });
