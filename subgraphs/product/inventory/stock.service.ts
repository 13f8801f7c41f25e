import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { StockMovementKind, StockReservationLine } from '../generated/prisma/client';
import type { StockErrorCode, StockReserveLine } from '../generated/resolvers';

/**
 * Takes stock for an order, all lines or none. The order's row in stock_reservations is written first: a second request
 * for the same order waits for the first at its key, and is then answered with the same lines.
 */
export function stockReserve(ctx: Context, orderId: string, lines: StockReserveLine[]) {
  return payload<'lines', StockReservationLine[], StockErrorCode>('lines', () =>
    ctx.db.$transaction(async (tx) => {
      const { tenantId } = ctx;
      const { count } = await tx.stockReservation.createMany({
        data: [{ tenantId, orderId, status: 'RESERVED' }],
        skipDuplicates: true,
      });
      if (count === 0) return reservedBefore(ctx, tx, orderId);

      const taken: StockReservationLine[] = [];
      // In one order for all, so that two orders with the same variants can't wait for each other.
      for (const line of [...lines].sort((a, b) => (a.variantId < b.variantId ? -1 : 1))) {
        taken.push(await takeLine(ctx, tx, orderId, line));
      }
      await tx.stockReservationLine.createMany({ data: taken });
      await tx.stockMovement.createMany({ data: movements(ctx, taken, 'RESERVATION', -1) });
      return taken;
    }),
  );
}

/** One conditional statement decides whether there is enough: no read before it could be true by the time of the write. */
async function takeLine(ctx: Context, tx: Tx, orderId: string, { variantId, quantity }: StockReserveLine) {
  const { tenantId } = ctx;
  const onSale = { tenantId, id: variantId, product: { status: 'ACTIVE' as const } };
  const { count } = await tx.productVariant.updateMany({
    where: { ...onSale, available: { gte: quantity } },
    data: { available: { decrement: quantity }, reserved: { increment: quantity } },
  });
  const variant = await tx.productVariant.findFirst({
    where: onSale,
    include: { product: { select: { name: true } } },
    relationLoadStrategy: 'join',
  });
  if (!variant) throw refused(variantId, 'NOT_FOUND', 'No such variant on sale.');
  if (count === 0) throw refused(variantId, 'INSUFFICIENT_STOCK', `${variant.available} left.`);
  return {
    tenantId,
    orderId,
    variantId,
    productId: variant.productId,
    productName: variant.product.name,
    productSku: variant.sku,
    unitPriceAmount: variant.priceAmount,
    currencyCode: variant.currencyCode,
    quantity,
  };
}

async function reservedBefore(ctx: Context, tx: Tx, orderId: string): Promise<StockReservationLine[]> {
  const reservation = await tx.stockReservation.findFirst({
    where: { tenantId: ctx.tenantId, orderId },
    include: { lines: { orderBy: { variantId: 'asc' } } },
    relationLoadStrategy: 'join',
  });
  if (!reservation || reservation.status === 'RELEASED') {
    throw new UserErrors({ field: ['orderId'], code: 'RELEASED', message: 'This order was called off.' });
  }
  return reservation.lines;
}

/** What the order has reserved leaves the shelf. @returns false when there was nothing (more) to do. */
export function stockCommit(ctx: Context, orderId: string): Promise<boolean> {
  const { tenantId } = ctx;
  return ctx.db.$transaction(async (tx) => {
    const { count } = await tx.stockReservation.updateMany({
      where: { tenantId, orderId, status: 'RESERVED' },
      data: { status: 'COMMITTED' },
    });
    if (count === 0) return false;
    const lines = await linesOf(ctx, tx, orderId);
    for (const { variantId, quantity } of lines) {
      await tx.productVariant.updateMany({
        where: { tenantId, id: variantId },
        data: { reserved: { decrement: quantity } },
      });
    }
    await tx.stockMovement.createMany({ data: movements(ctx, lines, 'SALE', -1) });
    return true;
  });
}

/**
 * Gives an order's stock back. An order that has not reserved yet is marked first, so that a request still under way
 * finds the mark and takes nothing. @returns false when there was nothing (more) to do.
 */
export function stockRelease(ctx: Context, orderId: string): Promise<boolean> {
  const { tenantId } = ctx;
  return ctx.db.$transaction(async (tx) => {
    const marked = await tx.stockReservation.createMany({
      data: [{ tenantId, orderId, status: 'RELEASED' }],
      skipDuplicates: true,
    });
    if (marked.count > 0) return false;
    if (await turn(tx, tenantId, orderId, 'RESERVED')) {
      const lines = await linesOf(ctx, tx, orderId);
      for (const { variantId, quantity } of lines) {
        await tx.productVariant.updateMany({
          where: { tenantId, id: variantId },
          data: { reserved: { decrement: quantity }, available: { increment: quantity } },
        });
      }
      await tx.stockMovement.createMany({ data: movements(ctx, lines, 'RELEASE', 1) });
      return true;
    }
    if (await turn(tx, tenantId, orderId, 'COMMITTED')) {
      const lines = await linesOf(ctx, tx, orderId);
      for (const { variantId, quantity } of lines) {
        await tx.productVariant.updateMany({
          where: { tenantId, id: variantId },
          data: { available: { increment: quantity } },
        });
      }
      await tx.stockMovement.createMany({ data: movements(ctx, lines, 'RETURN', 1) });
      return true;
    }
    return false;
  });
}

async function turn(tx: Tx, tenantId: string, orderId: string, from: 'RESERVED' | 'COMMITTED'): Promise<boolean> {
  const { count } = await tx.stockReservation.updateMany({
    where: { tenantId, orderId, status: from },
    data: { status: 'RELEASED' },
  });
  return count > 0;
}

const linesOf = (ctx: Context, tx: Tx, orderId: string) =>
  tx.stockReservationLine.findMany({ where: { tenantId: ctx.tenantId, orderId }, orderBy: { variantId: 'asc' } });

function movements(ctx: Context, lines: StockReservationLine[], kind: StockMovementKind, sign: 1 | -1) {
  return lines.map(({ variantId, orderId, quantity }) => ({
    tenantId: ctx.tenantId,
    id: newId('smov'),
    variantId,
    kind,
    quantity: sign * quantity,
    orderId,
    actorId: ctx.caller.userId,
  }));
}

const refused = (variantId: string, code: StockErrorCode, message: string) =>
  new UserErrors({ field: ['lines', variantId], code, message });
