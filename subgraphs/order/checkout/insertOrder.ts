import { requestHash } from '../../shared/idempotency';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import type { PaymentMethodKind } from '../generated/prisma/client';
import { keyOwner } from '../idempotency/keyOwner';
import { accountOf } from '../input/accountOf';
import { searchTerms } from '../orders/searchTerms';
import { METHOD_COLUMNS, type OrderMethod, usableMethod } from '../paymentMethod/orderMethod';
import type { CheckedOrder } from './orderInput';
import type { OrderToPrice } from './orderPrice';

/** The operation of orderCreate's idempotency keys. */
export const OPERATION = 'orderCreate';

type Inserted = Pick<OrderToPrice, 'version'> & (OrderMethod | { kind: null });

/**
 * Writes a PENDING order in one statement: its idempotency key, first line of history, search terms and saga. Waits for a
 * transaction that is writing the same key. @param kinds of payment methods that can be used here. @param isAsked whether the store's hooks
 * were asked. @returns null when the key was used before, the payment method can't be used, or the store has hooks that were not asked.
 */
export async function insertOrder(
  tx: Db | Tx,
  { tenantId, caller, actor }: Context,
  orderId: string,
  input: CheckedOrder,
  kinds: PaymentMethodKind[],
  isAsked: boolean,
): Promise<OrderToPrice | null> {
  const { email, paymentMethodId = null } = input;
  const shippingAddress = input.shippingAddress ?? null;
  const billingAddress = input.billingAddress ?? null;
  const shippingOptionId = input.shippingOptionId ?? null;
  const customerId = accountOf(caller);
  const terms = searchTerms([email, shippingAddress?.name, billingAddress?.name]);
  const [inserted] = await tx.$queryRaw<Inserted[]>`
    WITH method AS (
      ${usableMethod({ tenantId, id: paymentMethodId, kinds, countryCode: (shippingAddress ?? billingAddress)?.countryCode ?? null })}
    ), key AS (
      INSERT INTO idempotency_keys (tenant_id, caller_id, operation, key, request_hash, order_id)
      SELECT ${tenantId}, ${keyOwner(caller, email)}, ${OPERATION}, ${input.idempotencyKey}, ${requestHash(input)}, ${orderId}
      WHERE (${paymentMethodId}::text IS NULL OR EXISTS (SELECT FROM method))
        AND (${isAsked} OR NOT EXISTS (SELECT FROM checkout_hooks WHERE tenant_id = ${tenantId} AND is_active))
      ON CONFLICT DO NOTHING RETURNING 1
    ), inserted AS (
      INSERT INTO orders (tenant_id, id, email, customer_id, shipping_address, billing_address, payment_method,
        payment_method_id, payment_method_name, payment_instructions, shipping_option_id, buyer_note, attributes, updated_at)
      SELECT ${tenantId}, ${orderId}, ${email}, ${customerId},
        ${shippingAddress && JSON.stringify(shippingAddress)}::jsonb,
        ${billingAddress && JSON.stringify(billingAddress)}::jsonb, method.kind::text, method.id, method.name, method.instructions,
        ${shippingOptionId}, ${input.buyerNote ?? null}, ${JSON.stringify(input.attributes ?? [])}::jsonb, now()
      FROM key LEFT JOIN method ON true
      RETURNING version
    ), history AS (
      INSERT INTO order_status_history (tenant_id, id, order_id, "to", actor_id, impersonator_id)
      SELECT ${tenantId}, ${newId('ohis')}, ${orderId}, 'PENDING', ${actor.actorId}, ${actor.impersonatorId} FROM inserted
    ), order_terms AS (
      INSERT INTO order_search_terms (tenant_id, term, order_id)
      SELECT ${tenantId}, term, ${orderId} FROM inserted, unnest(${terms}::text[]) AS term
    ), saga AS (
      INSERT INTO order_sagas (tenant_id, order_id, step, lines, payment_token)
      SELECT ${tenantId}, ${orderId}, 'RESERVE_STOCK', ${JSON.stringify(input.lines)}::jsonb, ${input.paymentToken ?? null} FROM inserted
    )
    SELECT inserted.version, ${METHOD_COLUMNS} FROM inserted LEFT JOIN method ON true`;
  if (!inserted) return null;
  return {
    tenantId,
    id: orderId,
    number: null,
    version: inserted.version,
    email,
    customerId,
    shippingAddress,
    billingAddress,
    method: inserted.kind === null ? null : inserted,
    shippingOptionId,
    quote: null,
  };
}
