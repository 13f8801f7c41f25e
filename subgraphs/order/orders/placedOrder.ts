import { emailKey } from '../../shared/email';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { type Order, type OrderItem, Prisma } from '../generated/prisma/client';
import { lockOrderRow } from './getOrder';
import { orderName } from './orderName';
import { INCREMENT_VERSION, statusTransition } from './orderStatus';
import { searchTerms } from './searchTerms';

type PlacedItem = Pick<OrderItem, 'productId' | 'variantId' | 'productName' | 'productSku' | 'quantity'>;

/** An order with its items, in the requested order. */
export interface PlacedOrder
  extends Pick<
    Order,
    'tenantId' | 'id' | 'number' | 'numberPrefix' | 'version' | 'email' | 'customerId' | 'shippingAddress'
  > {
  currencyCode: string | null;
  totalAmount: bigint | null;
  items: PlacedItem[];
}

const readPlaced = (tx: Tx, tenantId: string, orderId: string): Promise<PlacedOrder> =>
  tx.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    include: { items: { orderBy: { position: 'asc' } } },
    relationLoadStrategy: 'join',
  });

/** As {@link readPlaced}, with a row lock until the transaction ends. */
export async function lockPlaced(tx: Tx, tenantId: string, orderId: string): Promise<PlacedOrder> {
  await lockOrderRow(tx, tenantId, orderId);
  return readPlaced(tx, tenantId, orderId);
}

/**
 * Identifies a customer of the store. Clerk verifies an account, but nobody verifies a guest's e-mail address: so a guest is never the
 * same customer as an account.
 */
const buyerKey = (customerId: string | null, email: string) =>
  customerId === null ? `guest:${emailKey(email)}` : `user:${customerId}`;

/**
 * Confirms an order in one statement, which also inserts or updates its customer and the search terms of its items. The caller has locked
 * the order's row, and read `order` under that lock.
 * @param condition for the confirmation. @returns the order's new version; null when it is not PENDING any more, or the condition is
 * false.
 */
export async function confirmPlaced(tx: Tx, order: PlacedOrder, condition: Prisma.Sql): Promise<number | null> {
  const { tenantId, id: orderId, customerId, email } = order;
  const { name } = order.shippingAddress;
  const key = buyerKey(customerId, email);
  const transition = statusTransition('status', {
    tenantId,
    orderId,
    from: 'PENDING',
    to: 'CONFIRMED',
    actorId: null,
    set: Prisma.sql`${INCREMENT_VERSION}, buyer_id = (SELECT id FROM buyer)`,
    condition: Prisma.sql`EXISTS (SELECT FROM pending)`,
  });
  // A customer without changes is not updated: concurrent orders of one customer would wait for each other's row lock.
  const [confirmed] = await tx.$queryRaw<{ version: number }[]>`
    WITH pending AS (
      SELECT 1 FROM orders WHERE tenant_id = ${tenantId} AND id = ${orderId} AND status = 'PENDING' AND ${condition}
    ), known AS (
      SELECT id FROM customers
      WHERE tenant_id = ${tenantId} AND buyer_key = ${key} AND email = ${email} AND name = ${name}
    ), renewed AS (
      INSERT INTO customers (tenant_id, id, buyer_key, user_id, email, name)
      SELECT ${tenantId}, ${newId('cust')}, ${key}, ${customerId}, ${email}, ${name} FROM pending
      WHERE NOT EXISTS (SELECT 1 FROM known)
      ON CONFLICT (tenant_id, buyer_key) DO UPDATE SET email = excluded.email, name = excluded.name
      RETURNING id
    ), buyer AS (
      SELECT id FROM known UNION ALL SELECT id FROM renewed
    ), buyer_terms AS (
      INSERT INTO customer_search_terms (tenant_id, term, customer_id)
      SELECT ${tenantId}, term, renewed.id FROM renewed, unnest(${searchTerms([email, name])}::text[]) AS term
      ON CONFLICT DO NOTHING
    ), ${transition}, order_terms AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM transition, unnest(${termsOfOrder(order)}::text[]) AS term
      ON CONFLICT DO NOTHING
    )
    SELECT version FROM transition`;
  return confirmed?.version ?? null;
}

/** Replaces the search terms of an order after a change. */
export async function renewSearchTerms(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  const terms = termsOfOrder(await readPlaced(tx, tenantId, orderId));
  await tx.orderSearchTerm.deleteMany({ where: { tenantId, orderId, term: { notIn: terms } } });
  await tx.orderSearchTerm.createMany({
    data: terms.map((term) => ({ tenantId, orderId, term })),
    skipDuplicates: true,
  });
}

function termsOfOrder(order: PlacedOrder): string[] {
  const { number, email, shippingAddress, items } = order;
  const bought = items.flatMap(({ productName, productSku }) => [productName, productSku]);
  return searchTerms([orderName(order), String(number), email, shippingAddress.name, ...bought]);
}
