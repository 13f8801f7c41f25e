import { invalid, notFound, refusal, throwIfAny, type UserError } from '../../shared/userErrors';
import type { OrderItem } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { quantityToSend, type RefundedQuantity } from '../orders/refundedQuantities';

/** A quantity of the order's item at this position. */
export interface FulfilledLine {
  position: number;
  quantity: number;
}

interface RequestedLine {
  itemId: string;
  quantity: number;
}

/**
 * The lines of a fulfillment: the requested ones, or all unfulfilled items. Refunded items that were not sent are not sent any more.
 * @param refunded quantities by the item's position.
 * @throws UserErrors for each line without an item in the order, or with more than its unfulfilled quantity.
 */
export function linesToFulfill(
  items: OrderItem[],
  refunded: ReadonlyMap<number, RefundedQuantity>,
  requested: readonly RequestedLine[] | null,
): FulfilledLine[] {
  const leftOf = (item: OrderItem) => quantityToSend(item, refunded.get(item.position));
  if (!requested) {
    const lines = items.map((item) => ({ position: item.position, quantity: leftOf(item) }));
    const left = lines.filter(({ quantity }) => quantity > 0);
    if (left.length > 0) return left;
    throw refusal<UserErrorCode>(['id'], 'ALREADY_FULFILLED', 'What is left of it was refunded.');
  }
  const faults: UserError<UserErrorCode>[] = [];
  const lines = requested.flatMap(({ itemId, quantity }, index) => {
    const field = (name: string) => ['input', 'lines', String(index), name];
    const item = items.find((one) => one.id === itemId);
    const left = item ? leftOf(item) : 0;
    if (requested.findIndex((line) => line.itemId === itemId) < index) {
      faults.push(invalid(field('itemId'), 'each item once'));
    } else if (!item) {
      faults.push(notFound('item of this order', field('itemId')));
    } else if (quantity > left) {
      const message = `${left} of it are left to be fulfilled.`;
      faults.push({ field: field('quantity'), code: 'ALREADY_FULFILLED', message });
    }
    return item ? [{ position: item.position, quantity }] : [];
  });
  throwIfAny(faults);
  return lines;
}
