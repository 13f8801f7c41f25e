import { newId } from '../../shared/ids';
import type { ReservedLine } from '../catalog/stockClient';
import type { Tx } from '../database';
import { createdEvent } from '../orders/orderEvents';
import type { PlacedOrder } from '../orders/placedOrder';
import type { HeldPayment } from '../payment/paymentProvider';
import { LeaseLost } from '../saga/sagaLease';
import { inTermsOfInput, type LeasedSaga, type Outcome, type SagaDependencies, type Written } from '../saga/stepResult';
import { type OrderPrice, priceReserved, readToPrice, writePrice } from './orderPrice';

/** Takes the stock; with the answer, the order is priced and named, and its payment is prepared. */
export async function reserveStock(saga: LeasedSaga, { db, stock }: SagaDependencies): Promise<Outcome> {
  if (saga.attempts > 0 && saga.overdue) {
    const message = 'The catalog did not answer in time. Nothing was bought.';
    return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INVALID', message }] };
  }
  const { lines, refusal } = await stock.reserve(saga.tenantId, saga.orderId, saga.lines);
  if (refusal.length > 0) return { is: 'refused', refusal: refusal.map((error) => inTermsOfInput(saga, error)) };
  const order = saga.known?.order ?? (await readToPrice(db, saga));
  const { price, refusal: unsellable } = await priceReserved(db, order, inRequestedOrder(saga, lines));
  if (unsellable.length > 0) return { is: 'refused', refusal: unsellable };
  return { is: 'done', reserved: true, write: (tx) => writeDown(tx, saga, price) };
}

/** What is bought, what it costs, and what is to be paid; an order that costs nothing has no payment. */
async function writeDown(tx: Tx, saga: LeasedSaga, price: OrderPrice): Promise<Written> {
  const payment = price.pricing.total > 0n ? await preparePayment(tx, saga, price) : null;
  const version = await writePrice(tx, saga, price, payment);
  if (version === null) throw new LeaseLost();
  // Such as where it goes: the price may be another. The step is put off, and reads the order again.
  if (version !== price.order.version) throw new OrderMoved();
  const placed = placedAt(price);
  return { events: [createdEvent(placed)], known: { placed, payment } };
}

/** Somebody has changed the order since it was read to be priced. */
class OrderMoved extends Error {
  override readonly name = 'OrderMoved';
}

const placedAt = ({ order, lines: items, currencyCode, pricing }: OrderPrice): PlacedOrder => ({
  ...order,
  ...{ items, currencyCode, totalAmount: pricing.total },
});

/** An order is paid on the account that the store has at this moment, also when it changes to another afterwards. */
async function preparePayment(
  tx: Tx,
  saga: LeasedSaga,
  { order, currencyCode, pricing }: OrderPrice,
): Promise<HeldPayment> {
  const { tenantId, orderId, paymentToken: token } = saga;
  const provider = order.paymentMethod as HeldPayment['provider'];
  const settings = provider === 'STRIPE' ? await tx.paymentSettings.findFirst({ where: { tenantId } }) : null;
  return {
    ...{ tenantId, id: newId('pay'), orderId, provider, token, providerAccount: settings?.stripeAccountId ?? null },
    ...{ currencyCode, amount: pricing.total, authorizedAmount: 0n, capturedAmount: 0n, status: 'PENDING', version: 1 },
    ...{ providerReference: null, clientSecret: null, failureCode: null },
    // The database writes its own down: what is looked for by it at a provider allows for clocks that differ.
    createdAt: new Date(),
  };
}

/** What was taken leaves the shelf. Stock whose reservation expired is taken anew if it is there; else it is lost. */
export async function commitStock(saga: LeasedSaga, { stock }: SagaDependencies): Promise<Outcome> {
  // RELEASED: the order was called off, and this saga is not ours any more.
  if ((await stock.commit(saga.tenantId, saga.orderId)) !== 'LOST') return { is: 'done' };
  const message = 'The stock was sold to others before the order was through. Nothing is paid.';
  return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INSUFFICIENT_STOCK', message }] };
}

/** What was taken is given back. Where a canceled order's goods don't come back, they leave the shelf instead. */
export async function releaseStock(saga: LeasedSaga, { stock }: SagaDependencies): Promise<Outcome> {
  if (saga.restock) await stock.release(saga.tenantId, saga.orderId);
  else await stock.commit(saga.tenantId, saga.orderId);
  return { is: 'done' };
}

function inRequestedOrder(saga: LeasedSaga, reserved: ReservedLine[]): ReservedLine[] {
  const byVariant = new Map(reserved.map((line) => [line.variantId, line]));
  return saga.lines.map(({ variantId }) => {
    const line = byVariant.get(variantId);
    if (!line) throw new Error('The catalog reserved other lines than were asked for');
    return line;
  });
}
