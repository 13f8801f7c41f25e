import { requestHash } from '../../shared/idempotency';
import { newId } from '../../shared/ids';
import { NEW_STORE_SETTINGS } from '../../shared/storeSettings';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { keyOwner } from '../idempotency/keyOwner';
import { accountOf } from '../input/accountOf';
import { namePrefixes } from '../orders/orderName';
import { searchTerms } from '../orders/searchTerms';
import type { CheckedOrder } from './orderInput';
import type { OrderToPrice } from './orderPrice';

/** The operation of orderCreate's idempotency keys. */
export const OPERATION = 'orderCreate';

/** A store's first order number is 1001. */
const NUMBERS_START_AFTER = 1000;

/**
 * Writes a PENDING order in one statement: its idempotency key, number, first line of history, search terms and saga. Waits for a
 * transaction that is writing the same key. @returns null when the key was used before.
 */
export async function insertOrder(
  tx: Db | Tx,
  { tenantId, caller, actor }: Context,
  orderId: string,
  input: CheckedOrder,
): Promise<OrderToPrice | null> {
  const { email, shippingAddress, paymentMethod } = input;
  const shippingOptionId = input.shippingOptionId ?? null;
  const customerId = accountOf(caller);
  const terms = searchTerms([email, shippingAddress.name]);
  const { orderPrefix } = NEW_STORE_SETTINGS;
  const [inserted] = await tx.$queryRaw<{ number: number; numberPrefix: string; version: number }[]>`
    WITH store AS (
      SELECT coalesce(settings->>'orderPrefix', ${orderPrefix}) AS number_prefix,
        coalesce(order_name_prefixes, ${namePrefixes(orderPrefix)}::text[]) AS name_prefixes
      FROM (SELECT ${tenantId} AS tenant_id) AS own LEFT JOIN stores USING (tenant_id)
    ), key AS (
      INSERT INTO idempotency_keys (tenant_id, caller_id, operation, key, request_hash, order_id)
      VALUES (${tenantId}, ${keyOwner(caller, email)}, ${OPERATION}, ${input.idempotencyKey}, ${requestHash(input)}, ${orderId})
      ON CONFLICT DO NOTHING RETURNING 1
    ), counter AS (
      INSERT INTO order_counters (tenant_id, last_number) SELECT ${tenantId}, ${NUMBERS_START_AFTER + 1} FROM key
      ON CONFLICT (tenant_id) DO UPDATE SET last_number = order_counters.last_number + 1 RETURNING last_number
    ), inserted AS (
      INSERT INTO orders (tenant_id, id, number, number_prefix, email, customer_id, shipping_address, payment_method,
        shipping_option_id, buyer_note, attributes, updated_at)
      SELECT ${tenantId}, ${orderId}, last_number, number_prefix, ${email}, ${customerId},
        ${JSON.stringify(shippingAddress)}::jsonb, ${paymentMethod}, ${shippingOptionId},
        ${input.buyerNote ?? null}, ${JSON.stringify(input.attributes ?? [])}::jsonb, now() FROM counter, store
      RETURNING number, number_prefix, version
    ), history AS (
      INSERT INTO order_status_history (tenant_id, id, order_id, "to", actor_id, impersonator_id)
      SELECT ${tenantId}, ${newId('ohis')}, ${orderId}, 'PENDING', ${actor.actorId}, ${actor.impersonatorId} FROM inserted
    ), order_terms AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM counter, store,
        LATERAL (SELECT unnest(name_prefixes) || last_number
          UNION SELECT unnest(${terms}::text[])) AS terms (term)
    ), saga AS (
      INSERT INTO order_sagas (tenant_id, order_id, step, lines, payment_token)
      SELECT ${tenantId}, ${orderId}, 'RESERVE_STOCK', ${JSON.stringify(input.lines)}::jsonb, ${input.paymentToken ?? null} FROM inserted
    )
    SELECT number, number_prefix AS "numberPrefix", version FROM inserted`;
  if (!inserted) return null;
  return {
    tenantId,
    id: orderId,
    number: inserted.number,
    version: inserted.version,
    numberPrefix: inserted.numberPrefix,
    email,
    customerId,
    shippingAddress,
    paymentMethod,
    shippingOptionId,
    quote: null,
  };
}
