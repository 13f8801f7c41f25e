import { balanceEvents } from '../credit/creditLedger';
import { spendForOrder } from '../credit/orderCredit';
import type { CheckoutResult, CheckoutSaga, CheckoutTransaction } from './checkoutSaga';

/**
 * Takes what the order was priced to be paid with from gift cards and store credit, in the transaction that writes its price: a crash leaves
 * both or neither. Another order may have taken it in between: then this one is refused, and takes nothing.
 */
export async function spendCredit(
  { tenantId, orderId, memo }: CheckoutSaga,
  { db: tx }: CheckoutTransaction,
): Promise<CheckoutResult> {
  const { credit } = memo;
  if (!credit) throw new Error('An order without a price was to be paid');
  if (credit.shares.length === 0) return { is: 'done' };
  const posted = await spendForOrder(tx, { tenantId, orderId }, credit.shares);
  if (!posted) return { is: 'refused', refusal: [BALANCE_CHANGED] };
  return { is: 'done', write: async () => ({ events: balanceEvents(posted) }) };
}

const BALANCE_CHANGED = {
  field: ['input', 'cartId'],
  code: 'BALANCE_TOO_LOW' as const,
  message:
    'A gift card or the store credit has less left than a moment ago. Nothing was bought: look at the cart, and order again.',
};
