import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { tellCreated } from './orderEvents';
import { type OrderPrice, priceReserved, writePrice } from './orderPrice';
import { LeaseLost } from './sagaLease';
import { type HeldSaga, inTermsOfInput, type Outcome, type SagaWorld } from './sagaOutcome';
import type { ReservedLine } from './stockClient';

/** Takes the stock; with the answer, the order is priced and named, and its payment is prepared. */
export async function reserveStock(saga: HeldSaga, { db, stock }: SagaWorld): Promise<Outcome> {
  if (saga.attempts > 0 && saga.overdue) {
    const message = 'The catalog did not answer in time. Nothing was bought.';
    return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INVALID', message }] };
  }
  const { lines, refusal } = await stock.reserve(saga.tenantId, saga.orderId, saga.lines);
  if (refusal.length > 0) return { is: 'refused', refusal: refusal.map((error) => inTermsOfInput(saga, error)) };
  const { price, refusal: unsellable } = await priceReserved(db, saga, inRequestedOrder(saga, lines));
  if (unsellable.length > 0) return { is: 'refused', refusal: unsellable };
  return { is: 'done', reserved: true, write: (tx) => writeDown(tx, saga, price) };
}

/** What is bought, what it costs, and what is to be paid; an order that costs nothing has no payment. */
async function writeDown(tx: Tx, saga: HeldSaga, price: OrderPrice): Promise<void> {
  const priced = await writePrice(tx, saga, price);
  if (!priced) throw new LeaseLost();
  if (price.pricing.total > 0n) await preparePayment(tx, saga, price);
  await tellCreated(tx, saga.orderId, priced, price.lines);
}

/** An order is paid on the account that the store has at this moment, also when it changes to another afterwards. */
async function preparePayment(tx: Tx, { tenantId, orderId, paymentToken }: HeldSaga, price: OrderPrice): Promise<void> {
  const { paymentMethod: provider, currencyCode, pricing } = price;
  const settings = provider === 'STRIPE' ? await tx.paymentSettings.findFirst({ where: { tenantId } }) : null;
  const of = { tenantId, orderId, provider, currencyCode, amount: pricing.total };
  const providerAccount = settings?.stripeAccountId ?? null;
  await tx.payment.createMany({ data: [{ ...of, id: newId('pay'), token: paymentToken, providerAccount }] });
}

/** What was taken leaves the shelf. Stock whose reservation expired is taken anew if it is there; else it is lost. */
export async function commitStock(saga: HeldSaga, { stock }: SagaWorld): Promise<Outcome> {
  // RELEASED: the order was called off, and this saga is not ours any more.
  if ((await stock.commit(saga.tenantId, saga.orderId)) !== 'LOST') return { is: 'done' };
  const message = 'The stock was sold to others before the order was through. Nothing is paid.';
  return { is: 'refused', refusal: [{ field: ['input', 'lines'], code: 'INSUFFICIENT_STOCK', message }] };
}

/** What was taken is given back. Where a canceled order's goods don't come back, they leave the shelf instead. */
export async function releaseStock(saga: HeldSaga, { stock }: SagaWorld): Promise<Outcome> {
  if (saga.restock) await stock.release(saga.tenantId, saga.orderId);
  else await stock.commit(saga.tenantId, saga.orderId);
  return { is: 'done' };
}

function inRequestedOrder(saga: HeldSaga, reserved: ReservedLine[]): ReservedLine[] {
  const byVariant = new Map(reserved.map((line) => [line.variantId, line]));
  return saga.lines.map(({ variantId }) => {
    const line = byVariant.get(variantId);
    if (!line) throw new Error('The catalog reserved other lines than were asked for');
    return line;
  });
}
