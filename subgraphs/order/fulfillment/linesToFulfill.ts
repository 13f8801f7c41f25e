import { type UserError, UserErrors } from '../../shared/errors';
import type { OrderItem } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';

/** So many of the order's item at this position. */
export interface HandedOver {
  position: number;
  quantity: number;
}

interface AskedLine {
  variantId: string;
  quantity: number;
}

/**
 * What of an order's `items` goes into a parcel: the asked lines, or all that is left. What was refunded is not sent any more:
 * a refund is first of what was not sent.
 * @param refunded how many, by the item's position.
 * @throws UserErrors with each line that the order has not, or has not so many of left.
 */
export function linesToHandOver(
  items: OrderItem[],
  refunded: ReadonlyMap<number, number>,
  asked: readonly AskedLine[] | null,
): HandedOver[] {
  const leftOf = ({ position, quantity, fulfilledQuantity }: OrderItem) =>
    Math.max(0, quantity - (refunded.get(position) ?? 0) - fulfilledQuantity);
  if (!asked) {
    const all = items.map((item) => ({ position: item.position, quantity: leftOf(item) }));
    const lines = all.filter(({ quantity }) => quantity > 0);
    if (lines.length > 0) return lines;
    const message = 'What is left of it was refunded.';
    throw new UserErrors<OrderErrorCode>({ field: ['id'], code: 'ALREADY_FULFILLED', message });
  }
  const faults: UserError<OrderErrorCode>[] = [];
  const lines = asked.flatMap(({ variantId, quantity }, index) => {
    const at = (name: string) => ['input', 'lines', String(index), name];
    const item = items.find((one) => one.variantId === variantId);
    const left = item ? leftOf(item) : 0;
    if (asked.findIndex((line) => line.variantId === variantId) < index) {
      faults.push({ field: at('variantId'), code: 'INVALID', message: 'Expected each variant once.' });
    } else if (!item) {
      faults.push({ field: at('variantId'), code: 'NOT_FOUND', message: 'The order has no such item.' });
    } else if (quantity > left) {
      faults.push({
        field: at('quantity'),
        code: 'ALREADY_FULFILLED',
        message: `${left} of it are left to hand over.`,
      });
    }
    return item ? [{ position: item.position, quantity }] : [];
  });
  if (faults.length > 0) throw new UserErrors(...faults);
  return lines;
}
