import { newId } from '../../shared/ids';
import { NEW_STORE_SETTINGS } from '../../shared/storeSettings';
import type { Tx } from '../database';
import { type Order, type OrderItem, Prisma } from '../generated/prisma/client';
import { buyerKey } from '../input/buyerKey';
import { lockOrderRow } from './getOrder';
import { namePrefixes, orderName } from './orderName';
import { INCREMENT_VERSION, statusTransition } from './orderStatus';
import { searchTerms } from './searchTerms';

type PlacedItem = Pick<OrderItem, 'productId' | 'variantId' | 'productName' | 'productSku' | 'quantity'>;

/** An order with its items, in the requested order. */
export interface PlacedOrder
  extends Pick<
    Order,
    'tenantId' | 'id' | 'number' | 'version' | 'email' | 'customerId' | 'shippingAddress' | 'billingAddress'
  > {
  currencyCode: string | null;
  totalAmount: bigint | null;
  items: PlacedItem[];
}

const readPlaced = (tx: Tx, tenantId: string, orderId: string): Promise<PlacedOrder & Pick<Order, 'numberPrefix'>> =>
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

/** A store's first order number is 1001. */
const NUMBERS_START_AFTER = 1000;

/** What an order gets with its confirmation. */
export interface Confirmation {
  number: number;
  /** The order's new version. */
  version: number;
}

/**
 * Confirms an order in one statement, which also gives it the store's next number, inserts or updates its customer, and adds the search
 * terms of its name and items. The caller has locked the order's row, and read `order` under that lock. The row of the store's counter stays
 * locked until the transaction ends: a confirmation that is rolled back leaves no gap in the numbers, and a later one waits for it.
 * @param condition for the confirmation. @returns null when the order is not PENDING any more, or the condition is false.
 */
export async function confirmPlaced(tx: Tx, order: PlacedOrder, condition: Prisma.Sql): Promise<Confirmation | null> {
  const { tenantId, id: orderId, customerId, email } = order;
  const { orderPrefix } = NEW_STORE_SETTINGS;
  const name = order.shippingAddress?.name ?? order.billingAddress?.name ?? null;
  const key = buyerKey(customerId, email);
  const transition = statusTransition('status', {
    tenantId,
    orderId,
    from: 'PENDING',
    to: 'CONFIRMED',
    actorId: null,
    set: Prisma.sql`${INCREMENT_VERSION}, buyer_id = (SELECT id FROM buyer),
      number = coalesce(number, (SELECT last_number FROM counter)), number_prefix = (SELECT number_prefix FROM store)`,
    condition: Prisma.sql`EXISTS (SELECT FROM pending)`,
  });
  // A customer without changes is not updated: concurrent orders of one customer would wait for each other's row lock.
  const [confirmed] = await tx.$queryRaw<Confirmation[]>`
    WITH pending AS (
      SELECT number FROM orders WHERE tenant_id = ${tenantId} AND id = ${orderId} AND status = 'PENDING' AND ${condition}
    ), store AS (
      SELECT coalesce(settings->>'orderPrefix', ${orderPrefix}) AS number_prefix,
        coalesce(order_name_prefixes, ${namePrefixes(orderPrefix)}::text[]) AS name_prefixes
      FROM (SELECT ${tenantId} AS tenant_id) AS own LEFT JOIN stores USING (tenant_id)
    ), counter AS (
      INSERT INTO order_counters (tenant_id, last_number)
      SELECT ${tenantId}, ${NUMBERS_START_AFTER + 1} FROM pending WHERE number IS NULL
      ON CONFLICT (tenant_id) DO UPDATE SET last_number = order_counters.last_number + 1 RETURNING last_number
    ), known AS (
      SELECT id FROM customers
      WHERE tenant_id = ${tenantId} AND buyer_key = ${key} AND email = ${email} AND name = coalesce(${name}, name)
    ), renewed AS (
      INSERT INTO customers (tenant_id, id, buyer_key, user_id, email, name)
      SELECT ${tenantId}, ${newId('cust')}, ${key}, ${customerId}, ${email}, ${name} FROM pending
      WHERE NOT EXISTS (SELECT 1 FROM known)
      ON CONFLICT (tenant_id, buyer_key) DO UPDATE SET email = excluded.email, name = coalesce(excluded.name, customers.name)
      RETURNING id
    ), buyer AS (
      SELECT id FROM known UNION ALL SELECT id FROM renewed
    ), buyer_terms AS (
      INSERT INTO customer_search_terms (tenant_id, term, customer_id)
      SELECT ${tenantId}, term, renewed.id FROM renewed, unnest(${searchTerms([email, name])}::text[]) AS term
      ON CONFLICT DO NOTHING
    ), ${transition}, order_terms AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM transition, store,
        LATERAL (SELECT unnest(name_prefixes) || number UNION SELECT unnest(${textTerms(order)}::text[])) AS terms (term)
      ON CONFLICT DO NOTHING
    )
    SELECT number, version FROM transition`;
  return confirmed ?? null;
}

/** Replaces the search terms of an order after a change. */
export async function renewSearchTerms(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  const order = await readPlaced(tx, tenantId, orderId);
  const terms = [...textTerms(order), ...nameTerms(order)];
  await tx.orderSearchTerm.deleteMany({ where: { tenantId, orderId, term: { notIn: terms } } });
  await tx.orderSearchTerm.createMany({
    data: terms.map((term) => ({ tenantId, orderId, term })),
    skipDuplicates: true,
  });
}

function textTerms({ email, shippingAddress, billingAddress, items }: PlacedOrder): string[] {
  const bought = items.flatMap(({ productName, productSku }) => [productName, productSku]);
  return searchTerms([email, shippingAddress?.name, billingAddress?.name, ...bought]);
}

const nameTerms = (order: Pick<Order, 'number' | 'numberPrefix'>): string[] =>
  order.number === null ? [] : searchTerms([orderName(order), String(order.number)]);
