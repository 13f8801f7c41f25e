import { UserErrors } from '../../shared/errors';
import type { Tx } from '../database';
import { codeKey } from './discountInput';

interface Redemption {
  tenantId: string;
  orderId: string;
  code: string;
  email: string;
  customerId: string | null;
}

/**
 * Takes one use of a code for an order that this transaction has written. The update of the discount's row decides about the
 * limit for all, and makes whoever names the same code at the same moment wait; so the customer's earlier uses are all there
 * to be counted. They are told by the account or the e-mail address: a guest has nothing else.
 * @throws UserErrors DISCOUNT_NOT_APPLICABLE, in the same words for a code that never was and one that is used up.
 */
export async function redeemCode(tx: Tx, { tenantId, orderId, code, email, customerId }: Redemption): Promise<void> {
  const [discount] = await tx.$queryRaw<{ id: string }[]>`
    UPDATE discounts SET uses = uses + 1
    WHERE tenant_id = ${tenantId} AND code = ${codeKey(code)} AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now())
      AND (usage_limit IS NULL OR usage_limit > uses)
    RETURNING id`;
  if (!discount) throw codeNotApplicable();
  const address = emailKey(email);
  const taken = await tx.$executeRaw`
    INSERT INTO discount_redemptions (tenant_id, order_id, discount_id, customer_id, email)
    SELECT tenant_id, ${orderId}, id, ${customerId}, ${address} FROM discounts
    WHERE tenant_id = ${tenantId} AND id = ${discount.id} AND (
      usage_limit_per_customer IS NULL OR usage_limit_per_customer > (
        SELECT count(*) FROM discount_redemptions AS used
        WHERE used.tenant_id = ${tenantId} AND used.discount_id = ${discount.id}
          AND (used.email = ${address} OR used.customer_id = ${customerId})))`;
  if (taken === 0) throw codeNotApplicable();
}

/** Gives back the use of a code that an order holds, when it is called off or does without; repeats change nothing. */
export async function giveBackCode(tx: Tx, tenantId: string, orderId: string): Promise<void> {
  await tx.$executeRaw`
    WITH given_back AS (
      DELETE FROM discount_redemptions WHERE tenant_id = ${tenantId} AND order_id = ${orderId} RETURNING discount_id
    )
    UPDATE discounts SET uses = uses - 1
    WHERE tenant_id = ${tenantId} AND id IN (SELECT discount_id FROM given_back)`;
}

/** How an e-mail address is stored and compared. */
export const emailKey = (email: string): string => email.trim().toLowerCase();

export const codeNotApplicable = (field = ['input', 'discountCode']) =>
  new UserErrors({ field, code: 'DISCOUNT_NOT_APPLICABLE', message: 'This code does not apply to this order.' });
