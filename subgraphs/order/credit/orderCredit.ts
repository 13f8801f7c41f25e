import { recordEvents } from '../../shared/events/recordEvent';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import type { Allocation } from './allocateCredit';
import { balanceEvents, type PostedEntry, postEntries } from './creditLedger';
import type { CreditShare } from './wantedCredit';

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/** Takes exactly these shares from the accounts, for an order. @returns null, and takes nothing, when one of them has not as much any more. */
export async function spendForOrder(
  tx: Tx,
  { tenantId, orderId }: OrderKey,
  shares: readonly Allocation[],
): Promise<PostedEntry[] | null> {
  const changes = shares.map(({ accountId, amount }) => ({ accountId, amount: -amount }));
  const posted = await postEntries(tx, { tenantId, kind: 'SPEND', key: orderId, orderId }, changes);
  if (!posted) return null;
  await tx.orderCredit.createMany({
    data: shares.map(({ accountId, amount }, position) => ({ tenantId, orderId, accountId, position, amount })),
  });
  return posted;
}

/** Gives back what an order that was never confirmed has taken, if anything, as if it had not. */
export async function returnCredit(tx: Tx, { tenantId, orderId }: OrderKey): Promise<void> {
  const taken = await tx.$queryRaw<{ accountId: string; amount: bigint }[]>`
    UPDATE order_credits SET refunded_amount = amount
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND refunded_amount = 0
    RETURNING account_id AS "accountId", amount`;
  const cause = { tenantId, kind: 'REFUND', key: orderId, orderId } as const;
  await recordEvents(tx, balanceEvents((await postEntries(tx, cause, taken)) ?? []));
}

/** Writes a refund of what is left of an order's credit, with an expired lease, so that recovery executes it at once. */
export async function refundRemainingCredit(tx: Tx, { tenantId, orderId }: OrderKey): Promise<void> {
  const left = await tx.$queryRaw<{ accountId: string; amount: bigint; currencyCode: string }[]>`
    UPDATE order_credits SET refunded_amount = order_credits.amount
    FROM order_credits AS before JOIN credit_accounts ON credit_accounts.tenant_id = ${tenantId} AND credit_accounts.id = before.account_id
    WHERE order_credits.tenant_id = ${tenantId} AND order_credits.order_id = ${orderId}
      AND before.tenant_id = ${tenantId} AND before.order_id = ${orderId} AND before.account_id = order_credits.account_id
      AND order_credits.refunded_amount < order_credits.amount
    RETURNING order_credits.account_id AS "accountId", order_credits.amount - before.refunded_amount AS amount,
      credit_accounts.currency_code AS "currencyCode"`;
  const [first] = left;
  if (!first) return;
  await tx.orderRefund.create({
    data: {
      tenantId,
      id: newId('ref'),
      orderId,
      amount: left.reduce((sum, { amount }) => sum + amount, 0n),
      currencyCode: first.currencyCode,
      reason: 'The order was canceled.',
      lines: [],
      restock: false,
      credits: left.map(toShare),
      leaseUntil: new Date(0),
    },
  });
}

/** Gives the parts of a refund to their accounts. @param key the refund's id. */
export async function giveBack(
  tx: Tx,
  { tenantId, orderId, id: key, credits }: OrderKey & { id: string; credits: readonly CreditShare[] },
): Promise<void> {
  const changes = credits.map(({ accountId, amount }) => ({ accountId, amount: BigInt(amount) }));
  const posted = await postEntries(tx, { tenantId, kind: 'REFUND', key, orderId }, changes);
  if (!posted) throw new Error('An account that an order was paid with is gone');
  await recordEvents(tx, balanceEvents(posted));
}

export const toShare = ({ accountId, amount }: Allocation): CreditShare => ({ accountId, amount: String(amount) });
