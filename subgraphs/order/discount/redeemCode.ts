import { refusal } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { UserErrorCode } from '../generated/resolvers';
import { isUsableBy, isUsableNow } from '../pricing/usableDiscount';
import { mailboxKey } from './mailbox';

interface Redemption {
  tenantId: string;
  orderId: string;
  codes: readonly string[];
  email: string;
  customerId: string | null;
}

/**
 * Redeems the codes for an order that this transaction has written, in alphabetical order to avoid deadlocks.
 * @throws UserErrors DISCOUNT_NOT_APPLICABLE, with the same message for a code that never existed and one that is used up.
 */
export async function redeemCodes(tx: Tx, { codes, ...redemption }: Redemption): Promise<void> {
  for (const code of [...codes].sort()) {
    if (!(await redeemCode(tx, code, redemption))) throw codeNotApplicable();
  }
}

/**
 * The conditional update decides whether a use is left. Its row lock serializes orders with the same code, so that the second statement
 * counts all earlier redemptions of the customer.
 */
async function redeemCode(
  tx: Tx,
  code: string,
  { tenantId, orderId, email: given, customerId }: Omit<Redemption, 'codes'>,
): Promise<boolean> {
  const [discount] = await tx.$queryRaw<{ id: string }[]>`
    UPDATE discounts SET uses = uses + 1
    WHERE tenant_id = ${tenantId} AND code = ${code} AND ${isUsableNow}
    RETURNING id`;
  if (!discount) return false;
  const email = mailboxKey(given);
  const redeemed = await tx.$executeRaw`
    INSERT INTO discount_redemptions (tenant_id, order_id, discount_id, customer_id, email)
    SELECT tenant_id, ${orderId}, id, ${customerId}, ${email} FROM discounts
    WHERE tenant_id = ${tenantId} AND id = ${discount.id} AND ${isUsableBy({ tenantId, email, customerId })}`;
  return redeemed > 0;
}

/**
 * Returns the uses of the codes that an order has redeemed, if any: the order is canceled, or a code is not applied after all.
 * @param applied the discounts whose codes the order keeps.
 */
export async function returnCodes(
  tx: Tx,
  tenantId: string,
  orderId: string,
  applied: readonly string[] = [],
): Promise<void> {
  await tx.$executeRaw`
    WITH returned AS (
      DELETE FROM discount_redemptions
      WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND discount_id <> ALL (${[...applied]})
      RETURNING discount_id
    )
    UPDATE discounts SET uses = uses - 1
    WHERE tenant_id = ${tenantId} AND id IN (SELECT discount_id FROM returned)`;
}

const codeNotApplicable = () =>
  refusal<UserErrorCode>(['input', 'discountCodes'], 'DISCOUNT_NOT_APPLICABLE', 'A code does not apply to this order.');
