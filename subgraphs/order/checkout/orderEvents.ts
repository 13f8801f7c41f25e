import { recordEvent } from '../../shared/events/recordEvent';
import { formatMoney } from '../../shared/money';
import type { Tx } from '../database';

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/**
 * Tells others that the catalog holds an order's goods, and no earlier: what the catalog refuses never was an order to
 * them, and a name that a caller made up is told to nobody.
 */
export async function tellCreated(tx: Tx, key: OrderKey): Promise<void> {
  const { number, version: aggregateVersion, items } = await readOrder(tx, key);
  const lines = items.map(({ variantId, quantity }) => ({ variantId, quantity }));
  await recordEvent(tx, { type: 'order.created', aggregateId: key.orderId, aggregateVersion, data: { number, lines } });
}

export async function tellConfirmed(tx: Tx, key: OrderKey): Promise<void> {
  const { number, version: aggregateVersion, items, totalAmount, currencyCode } = await readOrder(tx, key);
  const total = formatMoney({ minorUnits: totalAmount ?? 0n, currencyCode: currencyCode ?? '' });
  const data = { number, total, lines: items.map(toLine) };
  await recordEvent(tx, { type: 'order.confirmed', aggregateId: key.orderId, aggregateVersion, data });
}

/** An order that others have not been told of ends without a word. */
export async function tellCanceled(tx: Tx, key: OrderKey, wasConfirmed: boolean): Promise<void> {
  const { number, version: aggregateVersion, items } = await readOrder(tx, key);
  if (items.length === 0) return;
  const data = { number, lines: wasConfirmed ? items.map(toLine) : [] };
  await recordEvent(tx, { type: 'order.canceled', aggregateId: key.orderId, aggregateVersion, data });
}

interface ToldRefund extends OrderKey {
  minorUnits: bigint;
  currencyCode: string;
  /** Of the order's items, by their positions. */
  lines: { position: number; quantity: number }[];
  isComplete: boolean;
}

export async function tellRefunded(tx: Tx, refund: ToldRefund): Promise<void> {
  const { orderId, isComplete } = refund;
  const { number, version: aggregateVersion, items } = await readOrder(tx, refund);
  const lines = refund.lines.flatMap(({ position, quantity }) =>
    items.filter((item) => item.position === position).map((item) => toLine({ ...item, quantity })),
  );
  const data = { number, amount: formatMoney(refund), isComplete, lines };
  await recordEvent(tx, { type: 'order.refunded', aggregateId: orderId, aggregateVersion, data });
}

const toLine = ({ productId, variantId, quantity }: { productId: string; variantId: string; quantity: number }) => ({
  productId,
  variantId,
  quantity,
});

const readOrder = (tx: Tx, { tenantId, orderId }: OrderKey) =>
  tx.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    select: {
      number: true,
      version: true,
      totalAmount: true,
      currencyCode: true,
      items: {
        select: { position: true, productId: true, variantId: true, quantity: true },
        orderBy: { position: 'asc' },
      },
    },
    relationLoadStrategy: 'join',
  });
