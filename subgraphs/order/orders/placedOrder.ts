import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { type Order, type OrderItem, Prisma } from '../generated/prisma/client';
import { orderName } from './orderName';
import { INCREMENT_VERSION, statusMove } from './orderStatus';
import { searchTerms } from './searchTerms';

/** Who has signed in is known by their Clerk user id. Anyone can type any e-mail address: it makes nobody someone else. */
const buyerKey = (customerId: string | null, email: string) =>
  customerId === null ? `guest:${email.toLowerCase()}` : `user:${customerId}`;

/**
 * Confirms an order, with what comes with that: its buyer is a customer of the store, new or known, and the order is found by what was
 * bought, too. One statement writes all of it. The caller holds the order's row, as `order` is.
 * @param given what else has to be so. @returns the order's new version; null when it is not PENDING any more, or that is not so.
 */
export async function confirmPlaced(tx: Tx, order: PlacedOrder, given: Prisma.Sql): Promise<number | null> {
  const { tenantId, id: orderId, customerId, email } = order;
  const { name, terms } = describe(order);
  const key = buyerKey(customerId, email);
  const set = Prisma.sql`${INCREMENT_VERSION}, buyer_id = (SELECT id FROM buyer)`;
  const change = { tenantId, orderId, from: 'PENDING', to: 'CONFIRMED', actorId: null, set };
  // A customer who is known as they are is not written again: their orders at once do not wait for each other.
  const [confirmed] = await tx.$queryRaw<{ version: number }[]>`
    WITH pending AS (
      SELECT 1 FROM orders WHERE tenant_id = ${tenantId} AND id = ${orderId} AND status = 'PENDING' AND ${given}
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
    ), ${statusMove('status', { ...change, given: Prisma.sql`EXISTS (SELECT FROM pending)` })}, order_terms AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM moved, unnest(${terms}::text[]) AS term
      ON CONFLICT DO NOTHING
    )
    SELECT version FROM moved`;
  return confirmed?.version ?? null;
}

/** An order is found by what it says now, and not by what it said before. */
export async function renewSearchTerms(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  const { terms } = describe(await readPlaced(tx, tenantId, orderId));
  await tx.orderSearchTerm.deleteMany({ where: { tenantId, orderId, term: { notIn: terms } } });
  await tx.orderSearchTerm.createMany({
    data: terms.map((term) => ({ tenantId, orderId, term })),
    skipDuplicates: true,
  });
}

type PlacedItem = Pick<OrderItem, 'productId' | 'variantId' | 'productName' | 'productSku' | 'quantity'>;

/** An order with all that is bought, in the order that it was asked for. */
export interface PlacedOrder extends OrderFields {
  currencyCode: string | null;
  totalAmount: bigint | null;
  items: PlacedItem[];
}

type OrderFields = Pick<
  Order,
  'tenantId' | 'id' | 'number' | 'numberPrefix' | 'version' | 'email' | 'customerId' | 'shippingAddress'
>;

export const readPlaced = (tx: Tx, tenantId: string, orderId: string): Promise<PlacedOrder> =>
  tx.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    include: { items: { orderBy: { position: 'asc' } } },
    relationLoadStrategy: 'join',
  });

/** As {@link readPlaced}; nobody else changes it until the transaction ends. */
export async function lockPlaced(tx: Tx, tenantId: string, orderId: string): Promise<PlacedOrder> {
  await tx.$queryRaw`SELECT 1 FROM orders WHERE tenant_id = ${tenantId} AND id = ${orderId} FOR NO KEY UPDATE`;
  return readPlaced(tx, tenantId, orderId);
}

function describe(order: PlacedOrder) {
  const { number, email, shippingAddress, items } = order;
  const { name } = shippingAddress;
  const bought = items.flatMap(({ productName, productSku }) => [productName, productSku]);
  return { name, terms: searchTerms([orderName(order), String(number), email, name, ...bought]) };
}
