import { newId } from '../../shared/ids';
import { LeaseLost } from '../../shared/lease';
import type { UserError } from '../../shared/userErrors';
import type { RequestedLine, ReservedLine, StockErrorCode } from '../catalog/stockClient';
import type { Tx } from '../database';
import type { UserErrorCode } from '../generated/resolvers';
import { createdEvent } from '../orders/orderEvents';
import type { PlacedOrder } from '../orders/placedOrder';
import type { PaymentState } from '../payment/paymentProvider';
import { PROVIDER_OF } from '../paymentMethod/methodKinds';
import type { CheckoutDependencies, CheckoutResult, CheckoutSaga, CheckoutWrites } from './checkoutSaga';
import { type OrderPrice, priceReserved, readToPrice, writePrice } from './orderPrice';

/** Reserves the stock, prices the order by the prices in the catalog's answer, and writes its payment. */
export async function reserveStock(saga: CheckoutSaga, { db, stock }: CheckoutDependencies): Promise<CheckoutResult> {
  if (saga.attempts > 0 && saga.overdue) {
    const message = 'The catalog did not answer in time. Nothing was bought.';
    return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INVALID', message }] };
  }
  const { lines, userErrors } = await stock.reserve(saga.tenantId, saga.orderId, byVariant(saga.lines));
  if (userErrors.length > 0) return { is: 'refused', refusal: userErrors.map((error) => atInputLine(saga, error)) };
  const order = saga.memo.order ?? (await readToPrice(db, saga));
  const { price, refusal } = await priceReserved(db, order, inRequestedOrder(saga, lines));
  if (refusal.length > 0) return { is: 'refused', refusal };
  return { is: 'done', reserved: true, write: (tx) => writeReserved(tx, saga, price) };
}

/** Writes the order's lines, sums and payment; one that costs nothing, or is paid with credit alone, has no payment. */
async function writeReserved(tx: Tx, saga: CheckoutSaga, price: OrderPrice): Promise<CheckoutWrites> {
  const payment = price.credit.due > 0n ? await newPayment(tx, saga, price) : null;
  const version = await writePrice(tx, saga, price, payment);
  if (version === null) throw new LeaseLost();
  // Optimistic locking: the order has changed since it was read, maybe its address and so its price. The step is retried.
  if (version !== price.order.version) throw new OrderChanged();
  const placed = placedOrder(price);
  return { events: [createdEvent(placed)], memo: { placed, credit: price.credit, payment } };
}

/** The order has changed since it was read for pricing. */
class OrderChanged extends Error {
  override readonly name = 'OrderChanged';
}

const placedOrder = ({ order, lines: items, currencyCode, pricing }: OrderPrice): PlacedOrder => ({
  ...order,
  items,
  currencyCode,
  totalAmount: pricing.total,
});

/** By this process's clock: hours are not decided by its skew. */
const HOUR_MS = 3_600_000;

const dueAfter = (hours: number | null): Date | null =>
  hours === null ? null : new Date(Date.now() + hours * HOUR_MS);

/** A payment keeps its provider account and its capture mode when the store changes its own later. */
async function newPayment(tx: Tx, saga: CheckoutSaga, price: OrderPrice): Promise<PaymentState> {
  const { tenantId, orderId, paymentToken: token } = saga;
  const { order, currencyCode, credit } = price;
  if (!order.method) throw new Error('An order that costs something was priced without a payment method');
  const provider = PROVIDER_OF[order.method.kind];
  const settings = provider === 'OFFLINE' ? null : await tx.paymentSettings.findFirst({ where: { tenantId } });
  return {
    tenantId,
    id: newId('pay'),
    orderId,
    provider,
    token,
    providerAccount: provider === 'STRIPE' ? (settings?.stripeAccountId ?? null) : null,
    captureMode: settings?.captureMode ?? 'AUTOMATIC',
    capturesParts: false,
    authorizationExpiresAt: null,
    currencyCode,
    amount: credit.due,
    authorizedAmount: 0n,
    capturedAmount: 0n,
    status: 'PENDING',
    version: 1,
    providerReference: null,
    clientSecret: null,
    failureCode: null,
    dueAt: dueAfter(order.method.holdHours),
    // The row has the database's time. Searches by time at a provider allow for clock skew.
    createdAt: new Date(),
  };
}

/** Commits the stock. An expired reservation is renewed when there is enough stock; otherwise the order is canceled. */
export async function commitStock(saga: CheckoutSaga, { stock }: CheckoutDependencies): Promise<CheckoutResult> {
  // RELEASED: the order was canceled, which has revoked this saga's lease.
  if ((await stock.commit(saga.tenantId, saga.orderId)) !== 'LOST') return { is: 'done' };
  const message = 'The stock was sold to others before the order was completed. Nothing is paid.';
  return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INSUFFICIENT_STOCK', message }] };
}

/** Releases the stock; commits it instead when staff have canceled the order without restocking. */
export async function releaseStock(saga: CheckoutSaga, { stock }: CheckoutDependencies): Promise<CheckoutResult> {
  if (saga.restock) await stock.release(saga.tenantId, saga.orderId);
  else await stock.commit(saga.tenantId, saga.orderId);
  return { is: 'done' };
}

function inRequestedOrder(saga: CheckoutSaga, reserved: ReservedLine[]): ReservedLine[] {
  const lines = new Map(reserved.map((line) => [line.variantId, line]));
  return saga.lines.map(({ variantId, quantity, attributes }) => {
    const line = lines.get(variantId);
    if (!line) throw new Error('The catalog reserved other lines than were requested');
    return { ...line, quantity, attributes };
  });
}

/** Stock is reserved for each variant once. */
function byVariant(lines: readonly RequestedLine[]): RequestedLine[] {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
}

/** Maps an error of the product subgraph, which names a variant, to that variant's line of the client's input. */
function atInputLine(saga: CheckoutSaga, error: UserError<UserErrorCode | StockErrorCode>): UserError<UserErrorCode> {
  const code = error.code === 'RELEASED' || error.code === 'NOT_SOLD' ? 'INVALID_TRANSITION' : error.code;
  const [, variantId] = error.field;
  const index = saga.lines.findIndex((line) => line.variantId === variantId);
  if (index < 0) return { ...error, code };
  const field = ['input', 'lines', String(index), code === 'NOT_FOUND' ? 'variantId' : 'quantity'];
  return { field, message: error.message, code };
}
