import { refusal } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { OrderErrorCode } from '../generated/resolvers';
import { emailKey } from '../input/email';
import { codeKey } from './discountInput';
import { isUsableBy, isUsableNow } from './usableDiscount';

interface Redemption {
  tenantId: string;
  orderId: string;
  code: string;
  email: string;
  customerId: string | null;
}

/**
 * Redeems a code for an order that this transaction has written. The conditional update decides whether a use is left. Its row lock
 * serializes orders with the same code, so that the second statement counts all earlier redemptions of the customer.
 * @throws UserErrors DISCOUNT_NOT_APPLICABLE, with the same message for a code that never existed and one that is used up.
 */
export async function redeemCode(
  tx: Tx,
  { tenantId, orderId, code, email: given, customerId }: Redemption,
): Promise<void> {
  const [discount] = await tx.$queryRaw<{ id: string }[]>`
    UPDATE discounts SET uses = uses + 1
    WHERE tenant_id = ${tenantId} AND code = ${codeKey(code)} AND ${isUsableNow}
    RETURNING id`;
  if (!discount) throw codeNotApplicable();
  const email = emailKey(given);
  const redeemed = await tx.$executeRaw`
    INSERT INTO discount_redemptions (tenant_id, order_id, discount_id, customer_id, email)
    SELECT tenant_id, ${orderId}, id, ${customerId}, ${email} FROM discounts
    WHERE tenant_id = ${tenantId} AND id = ${discount.id} AND ${isUsableBy({ tenantId, email, customerId })}`;
  if (redeemed === 0) throw codeNotApplicable();
}

/** Returns the use of the code that an order has redeemed, if any: the order is canceled, or the code is not applied after all. */
export async function returnCode(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  await tx.$executeRaw`
    WITH returned AS (
      DELETE FROM discount_redemptions WHERE tenant_id = ${tenantId} AND order_id = ${orderId} RETURNING discount_id
    )
    UPDATE discounts SET uses = uses - 1
    WHERE tenant_id = ${tenantId} AND id IN (SELECT discount_id FROM returned)`;
}

const codeNotApplicable = () =>
  refusal<OrderErrorCode>(
    ['input', 'discountCode'],
    'DISCOUNT_NOT_APPLICABLE',
    'This code does not apply to this order.',
  );
