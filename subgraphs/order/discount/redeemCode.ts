import { refusal } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { UserErrorCode } from '../generated/resolvers';
import { buyerKey } from '../input/buyerKey';
import { isCodeUsable, isForCustomer, isUsableBy, isUsableNow } from '../pricing/usableDiscount';
import { mailboxKey } from './mailbox';

interface Redemption {
  tenantId: string;
  orderId: string;
  /** Each once. */
  codes: readonly string[];
  email: string;
  customerId: string | null;
}

/**
 * Redeems the codes for an order that this transaction has written: all or none. Of several codes of one discount the first is redeemed.
 * The row locks of the discounts, taken in id order to avoid deadlocks, serialize orders with their codes: the statement after them
 * sees all earlier redemptions, and so whether a use is left for this customer, of the discount and of the code.
 * @throws UserErrors DISCOUNT_NOT_APPLICABLE, with the same message for a code that never existed and one that is used up.
 */
export async function redeemCodes(
  tx: Tx,
  { tenantId, orderId, codes, email: given, customerId }: Redemption,
): Promise<void> {
  if (codes.length === 0) return;
  await tx.$executeRaw`
    SELECT FROM discounts
    WHERE tenant_id = ${tenantId} AND id IN (
      SELECT discount_id FROM discount_codes WHERE tenant_id = ${tenantId} AND code = ANY (${[...codes]}))
    ORDER BY id FOR NO KEY UPDATE`;
  const email = mailboxKey(given);
  const [redeemed] = await tx.$queryRaw<{ usable: number }[]>`
    WITH usable AS (
      SELECT named.id, named.code, named.discount_id, position
      FROM unnest(${[...codes]}::text[]) WITH ORDINALITY AS asked (code, position)
      JOIN discount_codes AS named ON named.tenant_id = ${tenantId} AND named.code = asked.code AND ${isCodeUsable}
      JOIN discounts ON discounts.tenant_id = ${tenantId} AND discounts.id = named.discount_id
        AND ${isUsableNow} AND ${isUsableBy({ tenantId, email, customerId })}
        AND ${isForCustomer(tenantId, buyerKey(customerId, given))}
    ), redeemed AS (
      SELECT DISTINCT ON (discount_id) id, code, discount_id FROM usable ORDER BY discount_id, position
    ), counted AS (
      UPDATE discounts SET uses = discounts.uses + 1 FROM redeemed
      WHERE discounts.tenant_id = ${tenantId} AND discounts.id = redeemed.discount_id
    ), counted_codes AS (
      UPDATE discount_codes AS named SET uses = named.uses + 1 FROM redeemed
      WHERE named.tenant_id = ${tenantId} AND named.id = redeemed.id
    ), written AS (
      INSERT INTO discount_redemptions (tenant_id, order_id, discount_id, code, customer_id, email)
      SELECT ${tenantId}, ${orderId}, discount_id, code, ${customerId}, ${email} FROM redeemed
    )
    SELECT count(*)::int AS usable FROM usable`;
  if (redeemed?.usable !== codes.length) throw codeNotApplicable();
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
      RETURNING discount_id, code
    ), locked AS (
      SELECT id FROM discounts WHERE tenant_id = ${tenantId} AND id IN (SELECT discount_id FROM returned)
      ORDER BY id FOR NO KEY UPDATE
    ), counted AS (
      UPDATE discounts SET uses = uses - 1 FROM locked WHERE tenant_id = ${tenantId} AND discounts.id = locked.id
    )
    UPDATE discount_codes AS named SET uses = uses - 1 FROM returned, locked
    WHERE named.tenant_id = ${tenantId} AND named.code = returned.code AND named.discount_id = returned.discount_id
      AND locked.id = returned.discount_id`;
}

const codeNotApplicable = () =>
  refusal<UserErrorCode>(['input', 'discountCodes'], 'DISCOUNT_NOT_APPLICABLE', 'A code does not apply to this order.');
