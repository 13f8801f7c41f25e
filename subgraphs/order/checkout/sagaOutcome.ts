import type { UserError } from '../../shared/errors';
import type { Db } from '../database';
import type { OrderSaga } from '../generated/prisma/client';
import type { OrderErrorCode } from '../generated/resolvers';
import { changeStatus } from '../orders/orderStatus';
import { priceReserved, writePrice } from './orderPrice';
import { LeaseLost, moveTo } from './sagaLease';
import type { RequestedLine, ReservedLine, StockErrorCode } from './stockClient';

/** The stock is taken: the order is priced, named and CONFIRMED, and its saga goes on, in one transaction. */
export async function confirmOrder(db: Db, saga: OrderSaga, reserved: ReservedLine[]): Promise<OrderSaga> {
  const { tenantId, orderId } = saga;
  const lines = inRequestedOrder(saga, reserved);
  const { price, refusal } = await priceReserved(db, saga, lines);
  if (refusal.length > 0) return refuseOrder(db, saga, refusal);

  return db.$transaction(async (tx) => {
    const next = await moveTo(tx, saga, 'COMMIT_STOCK');
    const change = { tenantId, orderId, from: 'PENDING', to: 'CONFIRMED', actorId: null } as const;
    const changed = (await writePrice(tx, saga, price)) && (await changeStatus(tx, change));
    if (!changed) throw new LeaseLost();
    return next;
  });
}

/** The order is CANCELED with a reason, and its saga gives back whatever it may hold. */
export async function refuseOrder(
  db: Db,
  saga: OrderSaga,
  refusal: UserError<OrderErrorCode | StockErrorCode>[],
): Promise<OrderSaga> {
  const { tenantId, orderId } = saga;
  const userErrors = refusal.map((error) => inTermsOfInput(saga, error));
  return db.$transaction(async (tx) => {
    const next = await moveTo(tx, saga, 'RELEASE_STOCK', { refusal: userErrors });
    const cancelReason = userErrors.map(({ code }) => code).join(', ');
    const changed = await changeStatus(tx, {
      tenantId,
      orderId,
      from: 'PENDING',
      to: 'CANCELED',
      actorId: null,
      note: cancelReason,
      data: { cancelReason },
    });
    if (!changed) throw new LeaseLost();
    return next;
  });
}

/** The product subgraph names a variant; the client's input has it at a place. */
function inTermsOfInput(saga: OrderSaga, error: UserError<OrderErrorCode | StockErrorCode>): UserError<OrderErrorCode> {
  const code = error.code === 'RELEASED' ? 'INVALID_TRANSITION' : error.code;
  const [, variantId] = error.field;
  const index = requestedLines(saga).findIndex((line) => line.variantId === variantId);
  if (index < 0) return { ...error, code };
  const field = ['input', 'lines', String(index), code === 'NOT_FOUND' ? 'variantId' : 'quantity'];
  return { field, message: error.message, code };
}

function inRequestedOrder(saga: OrderSaga, reserved: ReservedLine[]): ReservedLine[] {
  const byVariant = new Map(reserved.map((line) => [line.variantId, line]));
  return requestedLines(saga).map(({ variantId }) => {
    const line = byVariant.get(variantId);
    if (!line) throw new Error('The catalog reserved other lines than were asked for');
    return line;
  });
}

/** What the order asks for, as its saga keeps it. */
export const requestedLines = (saga: OrderSaga) => saga.lines as unknown as RequestedLine[];
