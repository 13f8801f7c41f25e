import { z } from 'zod';
import { recordEvents } from '../../shared/events/recordEvent';
import { readInput, text } from '../../shared/inputReader';
import { formatMoney, parseMoney } from '../../shared/money';
import { invalid, payload, refusal, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Order, Payment } from '../generated/prisma/client';
import type { OrderMarkAsPaidInput, UserErrorCode } from '../generated/resolvers';
import { getOrder, lockOrder } from '../orders/getOrder';
import { orderTransaction } from '../orders/orderTransaction';
import { recordPaid } from './payment.ledger';

const paidInput = z.object({ reference: text(255).nullish() });

/**
 * Says that the money of an OFFLINE payment has arrived: who says so, when and how much is in the payment's ledger and the order's history. The
 * lock of the order's row excludes the task that cancels orders whose money is overdue.
 */
export function orderMarkAsPaid(ctx: Context, id: string, input: OrderMarkAsPaidInput) {
  const { db, tenantId, caller } = ctx;
  return payload<'order', Order, UserErrorCode>('order', async () => {
    const { reference = null } = readInput(paidInput, input);
    const amount = input.amount && parseMoney(input.amount, 'input.amount');
    return orderTransaction(db, { tenantId, orderId: id }, async (tx) => {
      const order = await lockOrder(ctx, tx, id);
      const payment = await tx.payment.findFirst({ where: { tenantId, orderId: id } });
      if (!payment || !isDue(order, payment)) {
        throw refusal<UserErrorCode>(['id'], 'INVALID_TRANSITION', 'It has no payment that is waited for.');
      }
      const due = { minorUnits: payment.amount, currencyCode: payment.currencyCode };
      if (amount && (amount.minorUnits !== due.minorUnits || amount.currencyCode !== due.currencyCode)) {
        const expected = formatMoney(due);
        throw new UserErrors(invalid(['input', 'amount'], `${expected.amount} ${expected.currencyCode}`));
      }
      const { events } = await recordPaid(tx, payment, { ...ctx.actor, actorId: caller.userId }, reference);
      await recordEvents(tx, events);
      return getOrder(ctx, tx, id);
    });
  });
}

const isDue = ({ status }: Order, payment: Payment): boolean =>
  payment.provider === 'OFFLINE' && payment.status === 'PENDING' && (status === 'CONFIRMED' || status === 'FULFILLED');
