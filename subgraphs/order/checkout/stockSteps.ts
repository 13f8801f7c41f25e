import { newId } from '../../shared/ids';
import { LeaseLost } from '../../shared/lease';
import type { UserError } from '../../shared/userErrors';
import type { ReservedLine, StockErrorCode } from '../catalog/stockClient';
import type { Tx } from '../database';
import type { OrderErrorCode } from '../generated/resolvers';
import { createdEvent } from '../orders/orderEvents';
import type { PlacedOrder } from '../orders/placedOrder';
import type { PaymentState } from '../payment/paymentProvider';
import type { CheckoutDependencies, CheckoutResult, CheckoutSaga, CheckoutWrites } from './checkoutSaga';
import { type OrderPrice, priceReserved, readToPrice, writePrice } from './orderPrice';

/** Reserves the stock. With the prices and names that the catalog answers, the order is priced and its payment is written. */
export async function reserveStock(saga: CheckoutSaga, { db, stock }: CheckoutDependencies): Promise<CheckoutResult> {
  if (saga.attempts > 0 && saga.overdue) {
    const message = 'The catalog did not answer in time. Nothing was bought.';
    return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INVALID', message }] };
  }
  const { lines, userErrors } = await stock.reserve(saga.tenantId, saga.orderId, saga.lines);
  if (userErrors.length > 0) return { is: 'refused', refusal: userErrors.map((error) => atInputLine(saga, error)) };
  const order = saga.memo.order ?? (await readToPrice(db, saga));
  const { price, refusal } = await priceReserved(db, order, inRequestedOrder(saga, lines));
  if (refusal.length > 0) return { is: 'refused', refusal };
  return { is: 'done', reserved: true, write: (tx) => writeReserved(tx, saga, price) };
}

/** The order's lines and sums, and its payment; an order that costs nothing has none. */
async function writeReserved(tx: Tx, saga: CheckoutSaga, price: OrderPrice): Promise<CheckoutWrites> {
  const payment = price.pricing.total > 0n ? await newPayment(tx, saga, price) : null;
  const version = await writePrice(tx, saga, price, payment);
  if (version === null) throw new LeaseLost();
  // Optimistic locking: the order has changed since it was read, and with its address its price may. The step is tried again with the new one.
  if (version !== price.order.version) throw new OrderChanged();
  const placed = placedOrder(price);
  return { events: [createdEvent(placed)], memo: { placed, payment } };
}

/** Somebody has changed the order since it was read to be priced. */
class OrderChanged extends Error {
  override readonly name = 'OrderChanged';
}

const placedOrder = ({ order, lines: items, currencyCode, pricing }: OrderPrice): PlacedOrder => ({
  ...order,
  items,
  currencyCode,
  totalAmount: pricing.total,
});

/** It keeps the provider account that the store has now, also when the store changes it later. */
async function newPayment(tx: Tx, saga: CheckoutSaga, price: OrderPrice): Promise<PaymentState> {
  const { tenantId, orderId, paymentToken: token } = saga;
  const { order, currencyCode, pricing } = price;
  const provider = order.paymentMethod as PaymentState['provider'];
  const settings = provider === 'STRIPE' ? await tx.paymentSettings.findFirst({ where: { tenantId } }) : null;
  return {
    tenantId,
    id: newId('pay'),
    orderId,
    provider,
    token,
    providerAccount: settings?.stripeAccountId ?? null,
    currencyCode,
    amount: pricing.total,
    authorizedAmount: 0n,
    capturedAmount: 0n,
    status: 'PENDING',
    version: 1,
    providerReference: null,
    clientSecret: null,
    failureCode: null,
    // The row's is the database's. A search by time at a provider allows for clock skew.
    createdAt: new Date(),
  };
}

/** Commits the stock. A reservation that has expired is made again where there is enough left; otherwise it is lost. */
export async function commitStock(saga: CheckoutSaga, { stock }: CheckoutDependencies): Promise<CheckoutResult> {
  // RELEASED: the order was canceled, and with its lease revoked this saga can't write any more.
  if ((await stock.commit(saga.tenantId, saga.orderId)) !== 'LOST') return { is: 'done' };
  const message = 'The stock was sold to others before the order was completed. Nothing is paid.';
  return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INSUFFICIENT_STOCK', message }] };
}

/** Releases the stock; where staff cancel an order without restocking, it is committed instead. */
export async function releaseStock(saga: CheckoutSaga, { stock }: CheckoutDependencies): Promise<CheckoutResult> {
  if (saga.restock) await stock.release(saga.tenantId, saga.orderId);
  else await stock.commit(saga.tenantId, saga.orderId);
  return { is: 'done' };
}

function inRequestedOrder(saga: CheckoutSaga, reserved: ReservedLine[]): ReservedLine[] {
  const byVariant = new Map(reserved.map((line) => [line.variantId, line]));
  return saga.lines.map(({ variantId }) => {
    const line = byVariant.get(variantId);
    if (!line) throw new Error('The catalog reserved other lines than were requested');
    return line;
  });
}

/** An error of the product subgraph, which names a variant, at that variant's line of the client's input. */
function atInputLine(saga: CheckoutSaga, error: UserError<OrderErrorCode | StockErrorCode>): UserError<OrderErrorCode> {
  const code = error.code === 'RELEASED' || error.code === 'NOT_SOLD' ? 'INVALID_TRANSITION' : error.code;
  const [, variantId] = error.field;
  const index = saga.lines.findIndex((line) => line.variantId === variantId);
  if (index < 0) return { ...error, code };
  const field = ['input', 'lines', String(index), code === 'NOT_FOUND' ? 'variantId' : 'quantity'];
  return { field, message: error.message, code };
}
