import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { orderName } from './orderName';
import { searchTerms } from './searchTerms';

/** Who has signed in is known by their Clerk user id. Anyone can type any e-mail address: it makes nobody someone else. */
const buyerKey = (customerId: string | null, email: string) =>
  customerId === null ? `guest:${email.toLowerCase()}` : `user:${customerId}`;

/**
 * What comes with an order's confirmation: its buyer is a customer of the store, new or known, and the order is found by
 * what was bought, too. One statement writes all of it.
 */
export async function introduceBuyer(tx: Tx, order: PlacedOrder): Promise<void> {
  const { tenantId, id: orderId, customerId, email } = order;
  const { name, terms } = describe(order);
  const key = buyerKey(customerId, email);
  // A customer who is known as they are is not written again: their orders at once do not wait for each other.
  await tx.$executeRaw`
    WITH known AS (
      SELECT id FROM customers
      WHERE tenant_id = ${tenantId} AND buyer_key = ${key} AND email = ${email} AND name = ${name}
    ), renewed AS (
      INSERT INTO customers (tenant_id, id, buyer_key, user_id, email, name)
      SELECT ${tenantId}, ${newId('cust')}, ${key}, ${customerId}, ${email}, ${name}
      WHERE NOT EXISTS (SELECT 1 FROM known)
      ON CONFLICT (tenant_id, buyer_key) DO UPDATE SET email = excluded.email, name = excluded.name
      RETURNING id
    ), buyer AS (
      SELECT id FROM known UNION ALL SELECT id FROM renewed
    ), buyer_terms AS (
      INSERT INTO customer_search_terms (tenant_id, term, customer_id)
      SELECT ${tenantId}, term, renewed.id FROM renewed, unnest(${searchTerms([email, name])}::text[]) AS term
      ON CONFLICT DO NOTHING
    ), order_terms AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM unnest(${terms}::text[]) AS term
      ON CONFLICT DO NOTHING
    )
    UPDATE orders SET buyer_id = buyer.id FROM buyer WHERE tenant_id = ${tenantId} AND orders.id = ${orderId}`;
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

export type PlacedOrder = Awaited<ReturnType<typeof readPlaced>>;

/** An order with all that is bought, in the order that it was asked for. */
export const readPlaced = (tx: Tx, tenantId: string, orderId: string) =>
  tx.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    include: { items: { orderBy: { position: 'asc' } } },
    relationLoadStrategy: 'join',
  });

function describe(order: PlacedOrder) {
  const { number, email, shippingAddress, items } = order;
  const { name } = shippingAddress;
  const bought = items.flatMap(({ productName, productSku }) => [productName, productSku]);
  return { name, terms: searchTerms([orderName(order), String(number), email, name, ...bought]) };
}
